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
 * Entries that a map or list of an object may have. An API server takes 3 MiB at most, and an entry of `encryptedData` is
 * at least a name and the 196 base64 characters of the shortest envelope, so no object that opens comes near it.
 */
export const MAX_ENTRIES = 16_384;

/**
 * Checks that a decoded JSON or YAML value is a SealedSecret of a known version and gives it its type.
 * As upstream, an entry of `encryptedData` that is not a text counts as an empty one (and cannot be opened).
 *
 * @throws ERR_MANIFEST_INVALID naming the first field that is wrong
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
 * Checks that a decoded JSON or YAML value has the shape of a Secret. kind and apiVersion are the caller's to judge
 * (upstream ignores them).
 *
 * @throws ERR_MANIFEST_INVALID naming the first field that is wrong; never its value
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
    ...(template['metadata'] == null
      ? {}
      : { metadata: parseMetadata(template['metadata'], 'spec.template.metadata') }),
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

/** Before anything is made of the entries: hundreds of thousands fit into an object, and each costs more than its bytes. */
function limit(count: number, path: string): void {
  if (count > MAX_ENTRIES) throw invalid(`${path} has more than ${MAX_ENTRIES} entries`);
}

/** A map of texts; null entries count as empty, as in Go. */
function textMap(value: unknown, path: string): Record<string, string> {
  const entries = Object.entries(fields(value, path));
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, entry === null ? '' : text(entry, `${path}.${printable(key)}`)]),
  );
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(`${path} is not a text`);
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
