import { type Bytes, decodeBase64, encodeUtf8 } from '../bytes.ts';
import { type ItemFailure, itemsError, SealedSecretsError } from '../errors.ts';
import type { Recipient } from '../value/key.ts';
import { isAppliedConfiguration, LeakFinder } from './copies.ts';
import type { ObjectMeta, SealedSecret, Secret } from './resource.ts';
import { type Scope, scopeOf, withScope } from './scope.ts';
import { type ItemTerms, sealItems } from './seal-items.ts';

/**
 * Metadata of the input that goes into the template, in upstream's order. managedFields is left out on
 * purpose.
 */
const TEMPLATE_METADATA = [
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
] as const;

/**
 * Seals every item of a Secret into a SealedSecret with exactly upstream's fields in upstream's order, except
 * that annotations and labels that hold one of its values are left out.
 *
 * @param scope when given and not strict it replaces the scope that the Secret's annotations ask for
 * @param terms of every value; only a recipient of format v2 can keep them
 * @throws ERR_MANIFEST_INVALID when the name is missing, or a namespace that the scope needs, or data is not
 *   base64
 * @throws ERR_KEY_INVALID, ERR_USAGE as the recipient
 * @example
 * ```js
 * import { generateKeyPair, parseSecret, sealSecret } from '@fuin/crypto-core';
 *
 * const metadata = { namespace: 'shop', name: 'db' };
 * const secret = parseSecret({ metadata, stringData: { password: 'hunter2' } });
 * const sealed = await sealSecret(secret, await generateKeyPair(2048), 'namespace-wide');
 * console.log(sealed.kind, Object.keys(sealed.spec.encryptedData)[0]); // SealedSecret password
 * ```
 */
export async function sealSecret(
  secret: Secret,
  recipient: Recipient,
  scope?: Scope,
  terms: ItemTerms = {},
): Promise<SealedSecret> {
  const annotations = secret.metadata.annotations ?? {};
  const metadata =
    scope && scope !== 'strict'
      ? { ...secret.metadata, annotations: withScope(annotations, scope) }
      : secret.metadata;
  const { name, namespace } = metadata;
  const effective = scopeOf(metadata.annotations);
  if (!name) throw new SealedSecretsError('ERR_MANIFEST_INVALID', 'missing metadata.name in input Secret');
  if (!namespace && effective !== 'cluster-wide') {
    throw new SealedSecretsError('ERR_MANIFEST_INVALID', 'secret must declare a namespace');
  }
  const items = [...plaintextOf(secret)].sort(([a], [b]) => (a < b ? -1 : 1));
  const template = {
    metadata: templateMetadata(metadata, await leakingMetadata(secret)),
    ...(secret.type ? { type: secret.type } : {}),
    ...(secret.immutable === undefined ? {} : { immutable: secret.immutable }),
  };
  const target = { name, namespace: namespace ?? '', scope: effective, template };
  return sealItems(new Map(items), target, () => ({ recipient, terms }));
}

/**
 * The values of a Secret as bytes; `stringData` wins over `data` on the same item.
 *
 * @throws ERR_MANIFEST_INVALID naming every item of `data` that is not base64
 * @example
 * ```js
 * import { decodeUtf8, parseSecret, plaintextOf } from '@fuin/crypto-core';
 *
 * const secret = parseSecret({ data: { password: 'aHVudGVyMg==' }, stringData: { user: 'fern' } });
 * console.log(decodeUtf8(plaintextOf(secret).get('password'))); // hunter2
 * ```
 */
export function plaintextOf({ data = {}, stringData = {} }: Secret): Map<string, Bytes> {
  const values = new Map<string, Bytes>();
  const failures: ItemFailure[] = [];
  for (const [item, value] of Object.entries(data)) {
    try {
      values.set(item, decodeBase64(value));
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      failures.push({ item, code: 'ERR_MANIFEST_INVALID', message: error.message });
    }
  }
  if (failures.length > 0) throw itemsError(failures);
  for (const [item, value] of Object.entries(stringData)) values.set(item, encodeUtf8(value));
  return values;
}

/** Keys of annotations and labels. */
export interface MetadataKeys {
  readonly annotations: readonly string[];
  readonly labels: readonly string[];
}

/**
 * Annotations and labels that hold a value of the Secret, in whatever encoding: tools keep such copies of an
 * object. Sealing leaves them out, since a SealedSecret is published. Annotations that exist for such copies
 * only (`last-applied-configuration`) are not among them: they are always left out, whatever they hold.
 *
 * @throws ERR_MANIFEST_INVALID as plaintextOf
 * @example
 * ```js
 * import { leakingMetadata, parseSecret } from '@fuin/crypto-core';
 *
 * const annotations = { note: 'the password is correct-horse' };
 * const stringData = { password: 'correct-horse' };
 * const secret = parseSecret({ metadata: { name: 'db', annotations }, stringData });
 * console.log((await leakingMetadata(secret)).annotations[0]); // note
 * ```
 */
export async function leakingMetadata(secret: Secret): Promise<MetadataKeys> {
  const { annotations = {}, labels = {}, name, namespace } = secret.metadata;
  const entries = Object.entries(annotations).filter(([key]) => !isAppliedConfiguration(key));
  if (entries.length === 0 && Object.keys(labels).length === 0) return { annotations: [], labels: [] };
  const finder = new LeakFinder(plaintextOf(secret), [name, namespace]);
  const areLeaks = await Promise.all(entries.map(([key, text]) => finder.isIn(key, text)));
  return {
    annotations: entries.filter((_entry, at) => areLeaks[at]).map(([key]) => key),
    labels: Object.keys(labels).filter((key) => finder.isWhole(labels[key] ?? '')),
  };
}

function templateMetadata(metadata: ObjectMeta, leaking: MetadataKeys): ObjectMeta {
  const { annotations = {}, labels = {} } = metadata;
  const keep = (entries: Readonly<Record<string, string>>, dropped: (key: string) => boolean) =>
    sorted(Object.entries(entries).filter(([key]) => !dropped(key)));
  const kept = {
    ...metadata,
    annotations: keep(annotations, (key) => isAppliedConfiguration(key) || leaking.annotations.includes(key)),
    labels: keep(labels, (key) => leaking.labels.includes(key)),
  };
  const entries = TEMPLATE_METADATA.map((field) => [field, kept[field]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && !isEmpty(value)));
}

function sorted(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: string | object): boolean {
  return typeof value === 'string' ? value === '' : Object.keys(value).length === 0;
}
