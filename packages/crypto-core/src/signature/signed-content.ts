import { type Bytes, encodeHex, encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { SealedSecret } from '../secret/resource.ts';
import { scopeOf } from '../secret/scope.ts';

/** Annotation of a SealedSecret with the signature of the person who sealed it: an SSHSIG in base64. */
export const SIGNATURE = 'sealedsecrets.bitnami.com/signature';
/** Namespace of SSHSIG: a signature for anything else, such as a commit, does not count here. */
export const SIGNATURE_NAMESPACE = 'sealedsecret@fuin';

const FORMAT = 'sealedsecret-content-v1';
/** Of a template's metadata, what a Secret gets. */
const TEMPLATE_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/**
 * The bytes that a sealer signs (docs/sealer-signatures.md): everything that decides what Secret comes of a
 * SealedSecret, as canonical JSON (RFC 8785). Sealed values count by their SHA-256. Labels, other annotations
 * and the status are not in it.
 *
 * @throws ERR_MANIFEST_INVALID without a name and a namespace, which are signed, and for a template that is
 *   nested too deeply
 * @example
 * ```js
 * import { decodeUtf8, signedContent } from '@fuin/crypto-core';
 * import { parseSealedSecret } from '@fuin/crypto-core';
 *
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = parseSealedSecret({ apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata });
 * console.log(JSON.parse(decodeUtf8(await signedContent(sealed))).scope); // strict
 * ```
 */
export async function signedContent({ metadata, spec }: SealedSecret): Promise<Bytes> {
  const { name = '', namespace = '' } = metadata;
  if (name === '' || namespace === '')
    throw new SealedSecretsError(
      'ERR_MANIFEST_INVALID',
      'a signature needs metadata.name and metadata.namespace',
    );
  const items = await Promise.all(
    Object.entries(spec.encryptedData).map(async ([item, value]) => [item, await digestOf(value)] as const),
  );
  const content = {
    format: FORMAT,
    namespace,
    name,
    scope: scopeOf(metadata.annotations),
    items: Object.fromEntries(items),
    ...(spec.data === undefined ? {} : { legacyData: await digestOf(spec.data) }),
    template: templateOf(spec.template),
  };
  return encodeUtf8(jsonOf(content));
}

/** What a template adds to the Secret. Empty fields count as missing, as API servers may drop them. */
function templateOf(template: SealedSecret['spec']['template']) {
  const { metadata, type, immutable, data } = template ?? {};
  const kept = TEMPLATE_METADATA.map((field) => [field, metadata?.[field]] as const);
  return withoutEmpty({
    metadata: withoutEmpty(Object.fromEntries(kept)),
    type: type === '' ? undefined : type,
    immutable,
    data,
  });
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEmpty = (value: unknown) =>
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', encodeUtf8(text));
  return encodeHex(new Uint8Array(digest));
}

/** @throws ERR_MANIFEST_INVALID where the stack ends before the nesting does */
function jsonOf(content: unknown): string {
  try {
    return canonicalJson(content);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SealedSecretsError('ERR_MANIFEST_INVALID', 'spec.template is nested too deeply to be signed');
  }
}

/**
 * JSON with sorted keys and without blanks (RFC 8785). JSON.stringify writes strings and numbers like that
 * RFC, and < compares UTF-16 as it asks for.
 */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const sorted = members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
