import { type Bytes, encodeBase64 } from '../bytes.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import type { Recipient } from '../value/key.ts';
import { API_VERSION, KIND, type SealedSecret, type SecretTemplate } from './resource.ts';
import { encryptionLabel, type Scope, withScope } from './scope.ts';

/** Sealing costs a hundredth of opening; this only bounds the memory. */
const ITEMS_AT_ONCE = 16;

/** What a sealer asks of the values of an object; only format v2 can keep it. */
export interface ItemTerms {
  /** Each value opens only as its own item. */
  readonly bindsItem?: boolean;
  /** After this moment nobody should use the values. Whole seconds. */
  readonly expiresAt?: Date | undefined;
}

/** Where a value may be opened. `item` counts only for a value that is bound to it. */
export interface ItemPlace {
  readonly scope: Scope;
  readonly namespace: string;
  readonly name: string;
  readonly item: string;
}

/** The object that values are sealed for. */
export interface SealTarget {
  readonly name: string;
  readonly namespace: string;
  readonly scope: Scope;
  readonly template: SecretTemplate | undefined;
}

/** For whom one item is sealed, and how. */
export interface ItemSealing {
  readonly recipient: Recipient;
  readonly terms: ItemTerms;
}

/**
 * Seals the value of one item.
 *
 * @returns the value as `encryptedData` has it, in base64
 * @throws ERR_KEY_INVALID, ERR_USAGE as the recipient: for RSA there are no terms
 * @example
 * ```js
 * import { encodeUtf8, sealItem, valueFactsOf } from '@fuin/crypto-core';
 * import { XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const { recipient } = await XWingKeyPair.of(await XWingKeyPair.generate());
 * const sealed = await sealItem(
 *   encodeUtf8('hunter2'),
 *   recipient,
 *   { scope: 'strict', namespace: 'shop', name: 'db', item: 'password' },
 *   { bindsItem: true },
 * );
 * console.log(valueFactsOf(sealed).bindsItem); // true
 * ```
 */
export async function sealItem(
  value: Uint8Array,
  recipient: Recipient,
  { scope, namespace, name, item }: ItemPlace,
  terms: ItemTerms = {},
): Promise<string> {
  return sealUnder(encryptionLabel(scope, namespace, name), item, value, { recipient, terms });
}

async function sealUnder(
  label: Bytes,
  item: string,
  value: Uint8Array,
  { recipient, terms: { bindsItem = false, expiresAt } }: ItemSealing,
): Promise<string> {
  const terms = { ...(bindsItem ? { item } : {}), ...(expiresAt ? { expiresAt } : {}) };
  return encodeBase64(await recipient.seal(value, label, terms));
}

/**
 * Seals values into a SealedSecret with upstream's fields in upstream's order; items in the order of the map.
 *
 * @param sealingOf for whom an item is sealed, and how
 */
export async function sealItems(
  values: ReadonlyMap<string, Uint8Array>,
  { name, namespace, scope, template }: SealTarget,
  sealingOf: (item: string) => ItemSealing,
): Promise<SealedSecret> {
  const label = encryptionLabel(scope, namespace, name);
  const sealed = await mapConcurrently([...values], ITEMS_AT_ONCE, async ([item, value]) => [
    item,
    await sealUnder(label, item, value, sealingOf(item)),
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
