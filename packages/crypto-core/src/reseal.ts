import { encodeBase64 } from './bytes.ts';
import { sealValue } from './hybrid.ts';
import type { KeyRing } from './key-ring.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { type OpenOptions, openItems } from './open-items.ts';
import { API_VERSION, KIND, type SealedSecret } from './resource.ts';
import { encryptionLabel, scopeOf, withScope } from './scope.ts';

/** Sealing costs a hundredth of opening; this only keeps memory in bounds. */
const ITEMS_AT_ONCE = 16;

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
  const scope = scopeOf(annotations);
  const label = encryptionLabel(scope, namespace, name);
  const sealed = await mapConcurrently([...values], ITEMS_AT_ONCE, async ([item, value]) => [
    item,
    encodeBase64(await sealValue(value, publicKey, label)),
  ]);
  const mark = withScope({}, scope);
  return {
    kind: KIND,
    apiVersion: API_VERSION,
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(Object.keys(mark).length > 0 ? { annotations: mark } : {}),
    },
    spec: {
      ...(sealedSecret.spec.template ? { template: sealedSecret.spec.template } : {}),
      encryptedData: Object.fromEntries(sealed),
    },
  };
}
