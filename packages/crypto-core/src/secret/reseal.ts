import type { Recipient } from '../value/key.ts';
import type { KeyRing } from '../value/key-ring.ts';
import { type OpenOptions, openItems } from './open-items.ts';
import type { SealedSecret } from './resource.ts';
import { scopeOf } from './scope.ts';
import { sealItems } from './seal-items.ts';

/**
 * Seals every item again, for `recipient`, under the very label that opened it, as rotate does. The template
 * is kept as it is and never rendered; its annotations do not affect the scope (CVE-2026-22728).
 *
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE with all failing items together
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, openItems, parseSecret } from '@fuin/crypto-core';
 * import { resealSecret, sealSecret } from '@fuin/crypto-core';
 *
 * const [older, newer] = [await generateKeyPair(2048), await generateKeyPair(2048)];
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = await sealSecret(parseSecret({ metadata, stringData: { password: 'hunter2' } }), older);
 *
 * const resealed = await resealSecret(sealed, KeyRing.of(newer, older), newer);
 * const { openedBy } = await openItems(resealed, KeyRing.of(newer, older));
 * console.log(openedBy.get('password') === newer.id); // true
 * ```
 */
export async function resealSecret(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  recipient: Recipient,
  options: OpenOptions = {},
): Promise<SealedSecret> {
  const { values } = await openItems(sealedSecret, keyRing, options);
  const { name = '', namespace = '', annotations } = sealedSecret.metadata;
  const { template } = sealedSecret.spec;
  return sealItems(values, recipient, { name, namespace, scope: scopeOf(annotations), template });
}
