import { type Bytes, encodeBase64, encodeUtf8, missingForType, SealedSecretsError } from '@fuin/crypto-core';

/** The items of a Secret by name. */
export type Items = ReadonlyMap<string, Bytes>;

/**
 * Judges the certificate `tls.crt` and the key `tls.key`: what is wrong, or undefined. Which kinds of keys
 * can be read depends on the runtime.
 */
export type CheckKeyPair = (certificate: Bytes, key: Bytes) => Promise<string | undefined>;

/** A type of Secrets with items that can be checked. */
interface SecretType {
  readonly type: string;
  /** Makes the items that Kubernetes wants of those that people have. */
  compose?(items: Items): Items;
  /** What is wrong with the items, or undefined. */
  check?(items: Items, checkKeyPair: CheckKeyPair): Promise<string | undefined>;
}

/** The types by the names that `kubectl create secret` has for them. */
export const SECRET_TYPES = {
  Opaque: { type: 'Opaque' },
  tls: {
    type: 'kubernetes.io/tls',
    check: (items, checkKeyPair) => checkKeyPair(valueAt(items, 'tls.crt'), valueAt(items, 'tls.key')),
  },
  'docker-registry': {
    type: 'kubernetes.io/dockerconfigjson',
    compose: composeDockerConfig,
    check: checkDockerConfig,
  },
  'basic-auth': { type: 'kubernetes.io/basic-auth' },
  'ssh-auth': { type: 'kubernetes.io/ssh-auth', check: checkSshKey },
} as const satisfies Readonly<Record<string, SecretType>>;
const DOCKER_CONFIG = '.dockerconfigjson';
const DOCKER_ITEMS = ['server', 'username', 'password', 'email'];

/**
 * The full name of a type. @throws ERR_USAGE for a short name that does not exist
 */
export function fullTypeName(asked: string): string {
  const known = Object.entries(SECRET_TYPES).find(([name]) => name === asked);
  if (known) return known[1].type;
  if (/^[\w.-]+\/[\w.-]+$/.test(asked)) return asked;
  throw usageError(
    '--type is not a type of Secrets',
    `the types are ${Object.keys(SECRET_TYPES).join(', ')}, and full names such as example.com/token`,
  );
}

/**
 * The items as a Secret of that type has them.
 *
 * @param type its full name
 * @param checkKeyPair undefined where values are not known yet, so that only names are judged
 * @throws ERR_USAGE naming what is missing or does not fit together
 */
export async function itemsForType(
  type: string,
  given: Items,
  checkKeyPair: CheckKeyPair | undefined,
): Promise<Items> {
  const rows: readonly SecretType[] = Object.values(SECRET_TYPES);
  const row = rows.find((each) => each.type === type);
  const items = row?.compose?.(given) ?? given;
  const [missing] = missingForType(type, items);
  const complaint = missing ?? (checkKeyPair && (await row?.check?.(items, checkKeyPair)));
  if (complaint !== undefined) throw usageError(complaint);
  return items;
}

function valueAt(items: Items, name: string): Bytes {
  return items.get(name) ?? new Uint8Array();
}

async function checkSshKey(items: Items): Promise<string | undefined> {
  const text = new TextDecoder().decode(items.get('ssh-privatekey'));
  const isKey = /^\s*-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\n[\s\S]*\n-----END \1?PRIVATE KEY-----\s*$/.test(
    text,
  );
  return isKey ? undefined : 'ssh-privatekey is not a private key';
}

async function checkDockerConfig(items: Items): Promise<string | undefined> {
  const value: unknown = JSON.parse(new TextDecoder().decode(items.get(DOCKER_CONFIG)));
  const auths = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const hasAuths = auths.some(([key, each]) => key === 'auths' && typeof each === 'object' && each !== null);
  return hasAuths ? undefined : `${DOCKER_CONFIG} has no field auths, as docker login writes it`;
}

/** Makes `.dockerconfigjson` like kubectl does, of server, username, password and email. */
function composeDockerConfig(items: Items): Items {
  if (items.has(DOCKER_CONFIG)) return items;
  const unknown = [...items.keys()].filter((item) => !DOCKER_ITEMS.includes(item));
  const missing = ['username', 'password'].filter((item) => !items.has(item));
  if (missing.length > 0 || unknown.length > 0)
    throw usageError(
      `type docker-registry needs the item ${DOCKER_CONFIG}, or username, password and optionally server and email`,
    );
  const text = (item: string) => new TextDecoder().decode(items.get(item));
  const [server, username, password, email] = DOCKER_ITEMS.map(text);
  const auth = encodeBase64(encodeUtf8(`${username}:${password}`));
  const entry = { username, password, ...(email ? { email } : {}), auth };
  const config = { auths: { [server || 'https://index.docker.io/v1/']: entry } };
  return new Map([[DOCKER_CONFIG, encodeUtf8(JSON.stringify(config))]]);
}

function usageError(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}
