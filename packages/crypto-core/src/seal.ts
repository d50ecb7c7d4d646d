import { type Bytes, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from './bytes.ts';
import { type ItemFailure, itemsError, SealedSecretsError } from './errors.ts';
import type { ObjectMeta, SealedSecret, Secret } from './resource.ts';
import { type Scope, scopeOf, withScope } from './scope.ts';
import { sealItems } from './seal-items.ts';

const APPLIED_CONFIGURATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration', // holds the plaintext of what was applied
  'kubecfg.ksonnet.io/last-applied-configuration',
];
/** Shorter ones stand in harmless texts by chance. */
const SHORTEST_LEAK = 8;
/** Fields of the input's metadata that belong in the template, in upstream's order. managedFields is left out on purpose. */
const TEMPLATE_METADATA = [
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
] as const;

/**
 * Seals every item of a Secret into a SealedSecret with exactly the fields and order of upstream's, but for annotations
 * that hold one of its values.
 *
 * @param scope when given and not strict it replaces the scope that the Secret's annotations ask for
 * @throws ERR_MANIFEST_INVALID when the name is missing, or a namespace that the scope needs, or data is not base64
 */
export async function sealSecret(secret: Secret, publicKey: CryptoKey, scope?: Scope): Promise<SealedSecret> {
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
    metadata: templateMetadata(metadata, leakingAnnotations(secret)),
    ...(secret.type ? { type: secret.type } : {}),
    ...(secret.immutable === undefined ? {} : { immutable: secret.immutable }),
  };
  return sealItems(new Map(items), publicKey, {
    name,
    namespace: namespace ?? '',
    scope: effective,
    template,
  });
}

/**
 * The values of a Secret as bytes; `stringData` wins over `data` on the same item.
 *
 * @throws ERR_MANIFEST_INVALID naming every item of `data` that is not base64
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

/**
 * Keys of the annotations that hold a value of the Secret, in base64 or as text: copies of the applied object that tools
 * keep (`kapp.k14s.io/original`). Sealing leaves them out, since a SealedSecret is published. kubectl's and kubecfg's
 * copies are not among them: they are always left out, whatever they hold.
 *
 * @throws ERR_MANIFEST_INVALID as plaintextOf
 */
export function leakingAnnotations(secret: Secret): string[] {
  const entries = Object.entries(secret.metadata.annotations ?? {}).filter(
    ([key, text]) => text.length >= SHORTEST_LEAK && !APPLIED_CONFIGURATIONS.includes(key),
  );
  if (entries.length === 0) return [];
  const forms = [...plaintextOf(secret).values()].flatMap((bytes) => {
    const text = decodeUtf8(bytes);
    return [encodeBase64(bytes), text, JSON.stringify(text).slice(1, -1)];
  });
  const leaks = forms.filter((form) => form.length >= SHORTEST_LEAK);
  return entries.filter(([, text]) => leaks.some((leak) => text.includes(leak))).map(([key]) => key);
}

function templateMetadata(metadata: ObjectMeta, leaking: readonly string[]): ObjectMeta {
  const dropped = [...APPLIED_CONFIGURATIONS, ...leaking];
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !dropped.includes(key));
  const kept = {
    ...metadata,
    annotations: sorted(annotations),
    labels: sorted(Object.entries(metadata.labels ?? {})),
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
