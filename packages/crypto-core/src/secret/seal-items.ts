import { encodeBase64 } from '../bytes.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import type { Recipient } from '../value/key.ts';
import { API_VERSION, KIND, type SealedSecret, type SecretTemplate } from './resource.ts';
import { encryptionLabel, type Scope, withScope } from './scope.ts';

/** Sealing costs a hundredth of opening; this only bounds the memory. */
const ITEMS_AT_ONCE = 16;

/** The object that values are sealed for. */
export interface SealTarget {
  readonly name: string;
  readonly namespace: string;
  readonly scope: Scope;
  readonly template: SecretTemplate | undefined;
}

/**
 * Seals values into a SealedSecret with upstream's fields in upstream's order; items in the order of the map.
 */
export async function sealItems(
  values: ReadonlyMap<string, Uint8Array>,
  recipient: Recipient,
  { name, namespace, scope, template }: SealTarget,
): Promise<SealedSecret> {
  const label = encryptionLabel(scope, namespace, name);
  const sealed = await mapConcurrently([...values], ITEMS_AT_ONCE, async ([item, value]) => [
    item,
    encodeBase64(await recipient.seal(value, label)),
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
      ...(template ? { template } : {}),
      encryptedData: Object.fromEntries(sealed),
    },
  };
}
