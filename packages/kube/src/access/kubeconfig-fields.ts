import { resolve } from 'node:path';
import { decodeBase64, SealedSecretsError } from '@fuin/crypto-core';
import type { Fields } from './server-access.ts';

type Scalar = 'string' | 'bool' | 'base64';
type Kind = Scalar | { readonly listOf: Kind } | { readonly mapOf: Kind } | { readonly object: Table };
/** Fields under their names in a kubeconfig, and what client-go takes for each. */
interface Table {
  readonly [field: string]: Kind;
}

const STRINGS: Kind = { listOf: 'string' };
const EXEC: Table = {
  apiVersion: 'string',
  command: 'string',
  args: STRINGS,
  env: { listOf: { object: { name: 'string', value: 'string' } } },
  installHint: 'string',
  interactiveMode: 'string',
  provideClusterInfo: 'bool',
};

/** The lists of a kubeconfig, the field that holds an entry's content, and the fields of that. */
export const SECTIONS = {
  clusters: {
    field: 'cluster',
    fields: {
      server: 'string',
      'tls-server-name': 'string',
      'insecure-skip-tls-verify': 'bool',
      'certificate-authority': 'string',
      'certificate-authority-data': 'base64',
      'proxy-url': 'string',
      'disable-compression': 'bool',
    },
  },
  contexts: { field: 'context', fields: { cluster: 'string', user: 'string', namespace: 'string' } },
  users: {
    field: 'user',
    fields: {
      'client-certificate': 'string',
      'client-certificate-data': 'base64',
      'client-key': 'string',
      'client-key-data': 'base64',
      token: 'string',
      tokenFile: 'string',
      username: 'string',
      password: 'string',
      as: 'string',
      'as-uid': 'string',
      'as-groups': STRINGS,
      'as-user-extra': { mapOf: STRINGS },
      exec: { object: EXEC },
      'auth-provider': { object: { name: 'string' } },
    },
  },
} as const satisfies Readonly<Record<string, { field: string; fields: Table }>>;

/** The entries of one list of a kubeconfig as pairs of name and content. @throws ERR_USAGE as checkFields */
export function entriesOf(config: Fields, section: keyof typeof SECTIONS): [string, Fields][] {
  const { field, fields } = SECTIONS[section];
  const names = new Set<string>();
  return listOf(config[section] ?? [], section).map((item, index): [string, Fields] => {
    const entry = objectOf(item, `${section}[${index}]`);
    checkFields(entry, { name: 'string' }, `${section}[${index}]`);
    const name = (entry['name'] ?? '') as string;
    if (names.has(name))
      throw new SealedSecretsError('ERR_USAGE', `duplicate name ${JSON.stringify(name)} in list ${section}`);
    names.add(name);
    const path = `${section}[${index}].${field}`;
    const content = objectOf(entry[field], path);
    checkFields(content, fields, path);
    return [name, content];
  });
}

/**
 * Refuses fields of another type than client-go takes: one that is passed over would seal for another
 * namespace, or ask without credentials. An absent field may be null.
 *
 * @throws ERR_USAGE naming the field, never its value
 */
export function checkFields(fields: Fields, table: Table, path: string): void {
  for (const [name, kind] of Object.entries(table)) {
    const value = fields[name];
    if (value !== undefined && value !== null)
      checkValue(value, kind, path === '' ? name : `${path}.${name}`);
  }
}

function checkValue(value: unknown, kind: Kind, path: string): void {
  if (typeof kind === 'string') checkScalar(value, kind, path);
  else if ('object' in kind) checkFields(objectOf(value, path), kind.object, path);
  else if ('mapOf' in kind) {
    for (const [name, item] of Object.entries(objectOf(value, path)))
      checkValue(item, kind.mapOf, `${path}.${name}`);
  } else {
    for (const [index, item] of listOf(value, path).entries())
      checkValue(item, kind.listOf, `${path}[${index}]`);
  }
}

function checkScalar(value: unknown, kind: Scalar, path: string): void {
  if (kind === 'bool') {
    if (typeof value !== 'boolean') throw wrongType(path, value, 'true or false');
    return;
  }
  if (typeof value !== 'string') throw wrongType(path, value, 'a string');
  if (kind !== 'base64') return;
  try {
    decodeBase64(value);
  } catch {
    throw new SealedSecretsError('ERR_USAGE', `${path} is not base64`);
  }
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType(path, value, 'a list');
}

function objectOf(value: unknown, path: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  throw wrongType(path, value, 'an object');
}

function wrongType(path: string, value: unknown, expected: string): SealedSecretsError {
  const actual = Array.isArray(value) ? 'a list' : value === null ? 'null' : NAMES[typeof value];
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  return new SealedSecretsError('ERR_USAGE', `${path} is ${actual ?? 'something else'}, not ${expected}`, {
    ...(isScalar && expected === 'a string' ? { hint: 'put the value in quotes' } : {}),
  });
}

const NAMES: Readonly<Record<string, string>> = {
  number: 'a number',
  bigint: 'a number',
  boolean: 'true or false',
  string: 'a string',
  object: 'an object',
};

/** Flags of the command line, and where relative file names in them start. */
export interface Overrides {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly cwd: string;
}

/** Fields that hold file names, relative to the kubeconfig they stand in. */
export const FILE_FIELDS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];
const TRUST_FIELDS = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'];
const CLUSTER_FLAGS = ['server', 'certificate-authority', 'tls-server-name', 'proxy-url'];
const USER_FLAGS = ['token', 'username', 'password', 'client-certificate', 'client-key', 'as', 'as-uid'];

/**
 * The cluster as the flags want it. As in client-go, flags about trust replace all that the kubeconfig says
 * of it, and another server does not have the name of the first.
 */
export function overriddenCluster(fields: Fields, overrides: Overrides): Fields {
  const { flags } = overrides;
  const result: Record<string, unknown> = { ...fields };
  if (flags['insecure-skip-tls-verify'] === true || flags['certificate-authority']) {
    for (const name of TRUST_FIELDS) delete result[name];
  }
  if (flags['server']) delete result['tls-server-name'];
  if (flags['insecure-skip-tls-verify'] === true) result['insecure-skip-tls-verify'] = true;
  return overridden(result, CLUSTER_FLAGS, overrides);
}

/** The user as the flags want it. */
export function overriddenUser(fields: Fields, overrides: Overrides): Fields {
  const groups = overrides.flags['as-group'];
  const result = overridden(fields, USER_FLAGS, overrides);
  return Array.isArray(groups) && groups.length > 0 ? { ...result, 'as-groups': groups } : result;
}

/** A flag wins over the field and over the field's other form, `<field>-data` or `tokenFile`. */
function overridden(fields: Fields, names: readonly string[], { flags, cwd }: Overrides): Fields {
  const result: Record<string, unknown> = { ...fields };
  for (const name of names) {
    const value = flags[name];
    if (typeof value !== 'string' || value === '') continue;
    result[name] = FILE_FIELDS.includes(name) ? resolve(cwd, value) : value;
    delete result[`${name}-data`];
    if (name === 'token') delete result['tokenFile'];
  }
  return result;
}
