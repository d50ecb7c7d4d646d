import type { Recipient } from '../value/key.ts';
import type { KeyRing } from '../value/key-ring.ts';
import { type OpenOptions, openItems } from './open-items.ts';
import type { SealedSecret } from './resource.ts';
import { scopeOf } from './scope.ts';
import { type SealTarget, sealItems } from './seal-items.ts';

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
  return sealItems(values, recipient, targetOf(sealedSecret));
}

/**
 * Seals again only those items that another key than the recipient's opens. An item that is sealed for
 * `recipient` already keeps its value, byte for byte; it is opened all the same, which alone proves it.
 *
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE with all failing items together
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, parseSecret, resealStale, sealSecret } from '@fuin/crypto-core';
 *
 * const [older, newer] = [await generateKeyPair(2048), await generateKeyPair(2048)];
 * const metadata = { namespace: 'shop', name: 'db' };
 * const secret = parseSecret({ metadata, stringData: { password: 'hunter2' } });
 *
 * const current = await sealSecret(secret, newer);
 * const same = await resealStale(current, KeyRing.of(newer, older), newer);
 * console.log(same.spec.encryptedData.password === current.spec.encryptedData.password); // true
 *
 * const stale = await sealSecret(secret, older);
 * const fresh = await resealStale(stale, KeyRing.of(newer, older), newer);
 * console.log(fresh.spec.encryptedData.password === stale.spec.encryptedData.password); // false
 * ```
 */
export async function resealStale(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  recipient: Recipient,
  options: OpenOptions = {},
): Promise<SealedSecret> {
  const { values, openedBy } = await openItems(sealedSecret, keyRing, options);
  const stale = [...values].filter(([item]) => openedBy.get(item) !== recipient.id);
  const resealed = await sealItems(new Map(stale), recipient, targetOf(sealedSecret));
  const { encryptedData: fresh } = resealed.spec;
  const items = Object.entries(sealedSecret.spec.encryptedData).map(([item, text]) => [
    item,
    Object.hasOwn(fresh, item) ? fresh[item] : text,
  ]);
  return { ...resealed, spec: { ...resealed.spec, encryptedData: Object.fromEntries(items) } };
}

function targetOf({ metadata, spec }: SealedSecret): SealTarget {
  const { name = '', namespace = '', annotations } = metadata;
  return { name, namespace, scope: scopeOf(annotations), template: spec.template };
}
