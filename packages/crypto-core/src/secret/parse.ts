import { printable, SealedSecretsError } from '../errors.ts';
import {
  API_VERSION,
  KIND,
  type ObjectMeta,
  type SealedSecret,
  type Secret,
  type SecretTemplate,
} from './resource.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * How many entries a map or list of an object may have. An API server accepts 3 MiB at most, and an entry of
 * `encryptedData` is at least a name and the 196 base64 characters of the shortest envelope, so no object
 * that can be opened has nearly as many.
 */
export const MAX_ENTRIES = 16_384;

/**
 * Checks that a decoded JSON or YAML value is a SealedSecret of a known version and gives it its type.
 * Like upstream, it reads an entry of `encryptedData` that is not a string as an empty one, which cannot be
 * opened.
 *
 * @throws ERR_MANIFEST_INVALID naming the first field that is wrong, never its value
 * @example
 * ```js
 * import { parseSealedSecret } from '@fuin/crypto-core';
 *
 * const sealed = parseSealedSecret({
 *   apiVersion: 'bitnami.com/v1alpha1',
 *   kind: 'SealedSecret',
 *   metadata: { namespace: 'shop', name: 'db' },
 *   spec: { encryptedData: { password: 'AgBy8hHF...' } },
 * });
 * console.log(Object.keys(sealed.spec.encryptedData)[0]); // password
 * ```
 */
export function parseSealedSecret(value: unknown): SealedSecret {
  const object = fields(value, 'the document');
  if (object['kind'] !== KIND) throw invalid(`kind is ${quoted(object['kind'])}, not SealedSecret`);
  if (object['apiVersion'] !== API_VERSION) {
    throw invalid(`no kind "SealedSecret" is registered for version ${quoted(object['apiVersion'])}`);
  }
  const spec = fields(object['spec'] ?? {}, 'spec');
  const encrypted = spec['encryptedData'] == null ? {} : fields(spec['encryptedData'], 'spec.encryptedData');
  const texts = Object.entries(encrypted).map(([key, text]) => [key, typeof text === 'string' ? text : '']);
  return {
    ...object,
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: parseMetadata(object['metadata'], 'metadata'),
    spec: {
      ...(spec['template'] == null ? {} : { template: parseTemplate(spec['template']) }),
      ...(spec['data'] == null ? {} : { data: text(spec['data'], 'spec.data') }),
      encryptedData: Object.fromEntries(texts),
    },
  };
}

/**
 * Checks that a decoded JSON or YAML value has the shape of a Secret. kind and apiVersion are for the caller
 * to judge (upstream ignores them).
 *
 * @throws ERR_MANIFEST_INVALID naming the first field that is wrong, never its value
 * @example
 * ```js
 * import { parseSecret } from '@fuin/crypto-core';
 *
 * const secret = parseSecret({ metadata: { name: 'db' }, stringData: { password: 'hunter2' } });
 * console.log(secret.kind, Object.keys(secret.stringData)[0]); // Secret password
 * ```
 */
export function parseSecret(value: unknown): Secret {
  const object = fields(value, 'the document');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: parseMetadata(object['metadata'], 'metadata'),
    ...optional('type', object['type'], text),
    ...optional('immutable', object['immutable'], boolean),
    ...optional('data', object['data'], textMap),
    ...optional('stringData', object['stringData'], textMap),
  };
}

function parseTemplate(value: unknown): SecretTemplate {
  const template = fields(value, 'spec.template');
  const data = template['data'] == null ? undefined : fields(template['data'], 'spec.template.data');
  for (const [key, entry] of Object.entries(data ?? {})) {
    if (entry !== null) text(entry, `spec.template.data.${printable(key)}`);
  }
  return {
    ...optional('metadata', template['metadata'], parseMetadata, 'spec.template'),
    ...optional('type', template['type'], text, 'spec.template'),
    ...optional('immutable', template['immutable'], boolean, 'spec.template'),
    ...(data ? { data: data as Record<string, string | null> } : {}),
  };
}

function parseMetadata(value: unknown, path: string): ObjectMeta {
  const metadata = fields(value ?? {}, path);
  for (const key of ['name', 'namespace', 'generateName', 'uid', 'resourceVersion']) {
    if (metadata[key] != null) text(metadata[key], `${path}.${key}`);
  }
  return withoutNulls({
    ...metadata,
    ...optional('labels', metadata['labels'], textMap, path),
    ...optional('annotations', metadata['annotations'], textMap, path),
    ...optional('finalizers', metadata['finalizers'], list(text), path),
    ...optional('ownerReferences', metadata['ownerReferences'], list(fields), path),
  }) as ObjectMeta;
}

function withoutNulls(object: Fields): Fields {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value != null));
}

type Parse<T> = (value: unknown, path: string) => T;

function optional<K extends string, T>(key: K, value: unknown, parse: Parse<T>, path = '') {
  return (value == null ? {} : { [key]: parse(value, path ? `${path}.${key}` : key) }) as { [P in K]?: T };
}

function list<T>(parse: Parse<T>): Parse<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalid(`${path} is not a list`);
    limit(value.length, path);
    return value.map((entry, index) => parse(entry, `${path}[${index}]`));
  };
}

function fields(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${path} is not an object`);
  limit(Object.keys(value).length, path);
  return value as Fields;
}

/**
 * Checked before any entry is read: hundreds of thousands fit into an object, and each costs more than its
 * bytes.
 */
function limit(count: number, path: string): void {
  if (count > MAX_ENTRIES) throw invalid(`${path} has more than ${MAX_ENTRIES} entries`);
}

/** A map of strings; null entries count as empty, like in Go. */
function textMap(value: unknown, path: string): Record<string, string> {
  const entries = Object.entries(fields(value, path));
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, entry === null ? '' : text(entry, `${path}.${printable(key)}`)]),
  );
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(`${path} is not a string`);
  return value;
}

function boolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw invalid(`${path} is not true or false`);
  return value;
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : 'missing';
}
