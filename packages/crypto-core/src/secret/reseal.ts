import type { KeyRing } from '../value/key-ring.ts';
import { type OpenOptions, openItems } from './open-items.ts';
import type { SealedSecret } from './resource.ts';
import { scopeOf } from './scope.ts';
import { sealItems } from './seal-items.ts';

/**
 * Seals every item again, for `publicKey`, under the very label that opened it: what rotate does. The template is
 * kept as it is and never rendered; its annotations have no say in the scope (CVE-2026-22728).
 *
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE with all failing items together
 */
export async function resealSecret(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  publicKey: CryptoKey,
  options: OpenOptions = {},
): Promise<SealedSecret> {
  const { values } = await openItems(sealedSecret, keyRing, options);
  const { name = '', namespace = '', annotations } = sealedSecret.metadata;
  const { template } = sealedSecret.spec;
  return sealItems(values, publicKey, { name, namespace, scope: scopeOf(annotations), template });
}
