import { homedir } from 'node:os';
import { join } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { TlsMaterial } from '@fuin/kube/access';
import { usageError } from '../../../invocation/usage-error.ts';
import { type Fields, fieldsOf, isObject } from '../../../io/fields.ts';
import { readInput } from '../../../io/files.ts';
import type { HttpAnswer } from '../../../io/http.ts';
import { itemsOfFields, parseJson } from '../../json-items.ts';
import type { Store, StoreWorld } from '../store.ts';
import { tokenIn } from './program.ts';
import { escapePath, splitVersion } from './reference.ts';
import { jsonOf, openStoreServer, refusal, type StoreServer } from './store-server.ts';

/** The KV engines of Vault and OpenBao, versions 1 and 2. */
export const VAULT: Store = {
  usage: 'vault:PATH',
  summary:
    'What stands under a path of the KV engine, version 1 or 2, of Vault or OpenBao. PATH is what vault kv get takes, ?version=N behind it an older version',
  check: (reference) => void escapePath(splitVersion(reference).name, 'vault'),
  load: async (reference, world) => {
    const { name, version } = splitVersion(reference);
    return withVault(world, async (vault) => {
      const { fields, origin } = await vault.read(await vault.mountOf(name), version);
      return { origin, items: itemsOfFields(fields, origin, world.wants) };
    });
  },
};

/** Where values stand in Vault. */
export interface VaultPlace {
  /** Mount and path, as people write it. */
  readonly name: string;
  /** The path of the API, escaped, without `/v1/`. */
  readonly path: string;
  readonly isVersion2: boolean;
}

/** One Vault server, as the user of this machine. */
export interface Vault {
  readonly origin: string;
  /** Finds out which engine a path belongs to, like the program vault. */
  mountOf(name: string): Promise<VaultPlace>;
  /** @param version empty for the newest */
  read(place: VaultPlace, version: string): Promise<{ readonly fields: Fields; readonly origin: string }>;
}

/**
 * Opens Vault for as long as something reads.
 *
 * @param namespace instead of the one of the environment
 * @throws ERR_USAGE without address or token
 */
export async function withVault<T>(
  world: Pick<StoreWorld, 'io' | 'requestTimeout'>,
  use: (vault: Vault) => Promise<T>,
  namespace?: string,
): Promise<T> {
  const { env, cwd } = world.io;
  const address = env['VAULT_ADDR'] || env['BAO_ADDR'] || '';
  if (address === '')
    throw usageError(
      'VAULT_ADDR is not set',
      'set it to the address, such as https://vault.example.com:8200',
    );
  const headers = await headersFrom(env, cwd, namespace);
  const tls = await tlsFrom(env, cwd);
  const server = openStoreServer(address, 'VAULT_ADDR', { ...world, tls });
  try {
    const ask = (path: string) => server.send(path, { headers });
    return await use({
      origin: server.origin,
      mountOf: (name) => mountOf(name, ask),
      read: (place, version) => readKv(place, version, { server, ask }),
    });
  } finally {
    await server.close();
  }
}

/** A place of which mount and version are known already. */
export function placeIn(mount: string, path: string, isVersion2: boolean): VaultPlace {
  const [from, to] = [escapePath(mount, 'vault'), escapePath(path, 'vault')];
  return { name: `${mount}/${path}`, path: isVersion2 ? `${from}/data/${to}` : `${from}/${to}`, isVersion2 };
}

type Ask = (path: string) => Promise<HttpAnswer>;

async function mountOf(name: string, ask: Ask): Promise<VaultPlace> {
  const escaped = escapePath(name, 'vault');
  const answer = await ask(`/v1/sys/internal/ui/mounts/${escaped}`);
  // without this answer the path is read as the API has it: kv1/db, or secret/data/db
  if (answer.status !== 200) return { name, path: escaped, isVersion2: false };
  const { path = '', options } = fieldsOf(fieldsOf(jsonOf(answer, name))['data']);
  const mount = String(path).replace(/\/+$/, '');
  const isVersion2 = fieldsOf(options)['version'] === '2';
  if (mount === '' || !name.startsWith(`${mount}/`)) return { name, path: escaped, isVersion2: false };
  return placeIn(mount, name.slice(mount.length + 1), isVersion2);
}

async function readKv(
  { name, path, isVersion2 }: VaultPlace,
  version: string,
  { server, ask }: { readonly server: StoreServer; readonly ask: Ask },
): Promise<{ readonly fields: Fields; readonly origin: string }> {
  const origin = `${name} of ${server.origin}`;
  const answer = await ask(`/v1/${path}${version === '' ? '' : `?version=${encodeURIComponent(version)}`}`);
  // a deleted version of version 2 is answered with 404 and its metadata
  const { metadata } = fieldsOf(fieldsOf(parseJson(Buffer.from(answer.body).toString('utf8')))['data']);
  if (answer.status === 404 && isObject(metadata)) throw deleted(origin, metadata);
  if (answer.status !== 200) throw refusal(answer, origin, HINTS);
  const data = fieldsOf(fieldsOf(jsonOf(answer, origin))['data']);
  const isWrapped = isVersion2 || isVersion2Answer(data);
  return { origin, fields: isWrapped ? fieldsOf(data['data']) : data };
}

const HINTS = {
  403: 'the token is not valid, or its policy does not let it read the path: vault token lookup, vault token capabilities PATH',
  404: 'there is nothing under the path; VAULT_NAMESPACE and the name of the engine count too',
};

/** Whether an answer is of version 2, where the path did not say it. */
function isVersion2Answer({ data, metadata, ...more }: Fields): boolean {
  const isAlone = Object.keys(more).length === 0;
  return isAlone && isObject(data) && fieldsOf(metadata)['created_time'] !== undefined;
}

function deleted(origin: string, metadata: Fields): SealedSecretsError {
  const what = metadata['destroyed'] === true ? 'destroyed' : 'deleted';
  return new SealedSecretsError('ERR_API_REJECTED', `cannot read ${origin}: this version was ${what}`, {
    hint: 'an older version can be read with ?version=N behind the path',
  });
}

async function headersFrom(
  env: StoreWorld['io']['env'],
  cwd: string,
  asked: string | undefined,
): Promise<Record<string, string>> {
  const token = env['VAULT_TOKEN'] || env['BAO_TOKEN'] || (await storedToken(env, cwd));
  const namespace = asked || env['VAULT_NAMESPACE'] || env['BAO_NAMESPACE'] || '';
  if (namespace !== '' && !/^[\x21-\x7e]+$/.test(namespace))
    throw usageError('VAULT_NAMESPACE is not the name of a namespace');
  return {
    'x-vault-token': tokenIn(token, 'VAULT_TOKEN'),
    'x-vault-request': 'true',
    ...(namespace === '' ? {} : { 'x-vault-namespace': namespace }),
  };
}

/** The token that `vault login` keeps. */
async function storedToken(env: StoreWorld['io']['env'], cwd: string): Promise<string> {
  const file = join(env['HOME'] || homedir(), '.vault-token');
  const bytes = await readInput(cwd, file).catch(() => undefined);
  if (bytes) return Buffer.from(bytes).toString('utf8');
  throw usageError('there is no token for Vault', 'run vault login, or set VAULT_TOKEN');
}

async function tlsFrom(env: StoreWorld['io']['env'], cwd: string): Promise<TlsMaterial> {
  const read = async (variable: string) => {
    const file = env[variable] || env[variable.replace('VAULT', 'BAO')];
    return file ? Buffer.from(await readInput(cwd, file)) : undefined;
  };
  const [ca, cert, key] = [
    await read('VAULT_CACERT'),
    await read('VAULT_CLIENT_CERT'),
    await read('VAULT_CLIENT_KEY'),
  ];
  const name = env['VAULT_TLS_SERVER_NAME'];
  return {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(name ? { servername: name } : {}),
  };
}
