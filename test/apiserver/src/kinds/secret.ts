import { type FieldError, fieldError } from '../objects/field-errors.ts';
import { fieldsOf, isFields, sameJson } from '../objects/json.ts';
import type { KubeObject } from '../objects/object.ts';
import { errors } from '../objects/status-errors.ts';
import { validateDataKeys } from './names.ts';

const MAX_DATA_BYTES = 1_048_576;

const REQUIRED_KEYS: Record<string, readonly string[]> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

function decodeError(kind: string, why: string): Error {
  return errors.badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${why}`);
}

/** Offset of the first byte Go's base64 decoder refuses, or -1. Go skips line breaks. */
function illegalBase64At(text: string): number {
  const found = /^(?:[A-Za-z0-9+/]{4}|[\r\n])*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[\r\n]*/.exec(text);
  const length = found?.[0].length ?? 0;
  if (length === text.length) return -1;
  const bad = text.slice(length).search(/[^A-Za-z0-9+/\r\n]/);
  return bad < 0 ? text.length - (text.length % 4) : length + bad;
}

function checkStrings(kind: string, field: string, value: unknown, type: string): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isFields(value)) {
    throw decodeError(
      kind,
      `json: cannot unmarshal ${goTypeOf(value)} into Go struct field ${kind}.${field} of type map[string]${type}`,
    );
  }
  for (const item of Object.values(value)) {
    if (typeof item !== 'string' && item !== null) {
      throw decodeError(
        kind,
        `json: cannot unmarshal ${goTypeOf(item)} into Go struct field ${kind}.${field} of type ${type}`,
      );
    }
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, (item ?? '') as string]));
}

const goTypeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'object' : typeof value;
};

function setOrDrop(object: KubeObject, field: string, data: Record<string, string>): void {
  if (Object.keys(data).length > 0) object[field] = data;
  else delete object[field];
}

/** Merges stringData, checks base64, and makes Opaque the default type. */
export function prepareSecret(next: KubeObject): void {
  const data = checkStrings('Secret', 'data', next['data'], '[]uint8');
  for (const [key, value] of Object.entries(data)) {
    const at = illegalBase64At(value);
    if (at >= 0) throw decodeError('Secret', `illegal base64 data at input byte ${at}`);
    if (/[\r\n]/.test(value)) data[key] = value.replace(/[\r\n]/g, '');
  }
  const strings = checkStrings('Secret', 'stringData', next['stringData'], 'string');
  for (const [key, value] of Object.entries(strings))
    data[key] = Buffer.from(value, 'utf8').toString('base64');
  delete next['stringData'];
  setOrDrop(next, 'data', data);
  if (!next['type']) next['type'] = 'Opaque';
}

function validateSecretType(secret: KubeObject, data: Record<string, unknown>): FieldError[] {
  const type = String(secret['type']);
  const failures = (REQUIRED_KEYS[type] ?? [])
    .filter((key) => !(key in data))
    .map((key) => fieldError.required(`data[${key}]`));
  if (type === 'kubernetes.io/service-account-token') {
    const account = secret.metadata.annotations?.['kubernetes.io/service-account.name'];
    if (!account)
      failures.push(fieldError.required('metadata.annotations[kubernetes.io/service-account.name]'));
  }
  if (type === 'kubernetes.io/basic-auth' && !('username' in data) && !('password' in data)) {
    failures.push(fieldError.required('data[username]'), fieldError.required('data[password]'));
  }
  if (type === 'kubernetes.io/dockerconfigjson' && typeof data['.dockerconfigjson'] === 'string') {
    failures.push(...validateDockerConfig(data['.dockerconfigjson']));
  }
  return failures;
}

function validateDockerConfig(encoded: string): FieldError[] {
  try {
    JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    return [];
  } catch {
    return [fieldError.invalid('data[.dockerconfigjson]', '<secret contents redacted>', 'invalid character')];
  }
}

function validateSecretUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const failures: FieldError[] = [];
  if (next['type'] !== previous['type']) {
    failures.push(fieldError.invalid('type', next['type'], 'field is immutable'));
  }
  return [...failures, ...validateImmutability(next, previous, ['data'])];
}

function validateImmutability(
  next: KubeObject,
  previous: KubeObject,
  fields: readonly string[],
): FieldError[] {
  if (previous['immutable'] !== true) return [];
  const text = 'field is immutable when `immutable` is set';
  const failures = next['immutable'] === true ? [] : [fieldError.forbidden('immutable', text)];
  for (const field of fields) {
    if (!sameJson(next[field] ?? {}, previous[field] ?? {})) failures.push(fieldError.forbidden(field, text));
  }
  return failures;
}

/** Validation of Secrets: keys, size, what each type demands, immutability. */
export function validateSecret(next: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const data = fieldsOf(next['data']);
  const failures = validateDataKeys('data', data);
  const size = Object.values(data).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(String(value), 'base64'),
    0,
  );
  if (size > MAX_DATA_BYTES) failures.push(fieldError.tooLong('data', MAX_DATA_BYTES));
  failures.push(...validateSecretType(next, data));
  return previous ? [...failures, ...validateSecretUpdate(next, previous)] : failures;
}

/** Checks that ConfigMap data are strings. */
export function prepareConfigMap(next: KubeObject): void {
  setOrDrop(next, 'data', checkStrings('ConfigMap', 'data', next['data'], 'string'));
}

/** Validation of ConfigMaps: keys and immutability. */
export function validateConfigMap(next: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const failures = validateDataKeys('data', fieldsOf(next['data']));
  return previous ? [...failures, ...validateImmutability(next, previous, ['data', 'binaryData'])] : failures;
}
