import { type Bytes, encodeUtf8, printable } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import { type Fields, fieldsOf, isObject } from '../../io/fields.ts';
import { parseJson } from '../json-items.ts';
import { readParameter, readSecretsManager } from './remote/aws.ts';
import { withAws } from './remote/aws-access.ts';
import { vaultHost, withAzure } from './remote/azure.ts';
import { withGoogle } from './remote/google.ts';
import { placeIn, withVault } from './remote/vault.ts';
import type { StoreWorld } from './store.ts';

/** What a SecretStore leads to. */
export interface RemoteStore {
  /** The whole value under a key. */
  value(key: string, version: string): Promise<{ readonly value: Bytes; readonly origin: string }>;
  /** The fields of a value that is an object. */
  fields(key: string, version: string): Promise<{ readonly fields: Fields; readonly origin: string }>;
}

type Use<T> = (remote: RemoteStore) => Promise<T>;

/** One kind of provider: the fields that may stand there, and how it is opened. */
interface Provider {
  readonly fields: readonly string[];
  open<T>(provider: Fields, world: StoreWorld, use: Use<T>): Promise<T>;
}

/**
 * Opens what a SecretStore names, with the credentials of the user of this machine: those that it names are
 * of the operator. They are sent only where the user's own environment says, or to the cloud itself, because
 * the manifest may be anyone's.
 *
 * @throws ERR_USAGE for what import cannot do
 */
export async function withRemoteStore<T>(store: Fields, world: StoreWorld, use: Use<T>): Promise<T> {
  const name = `the ${String(store['kind'])} ${printable(String(fieldsOf(store['metadata'])['name']))}`;
  const [entry, ...more] = Object.entries(fieldsOf(fieldsOf(store['spec'])['provider']));
  if (!entry || more.length > 0) throw usageError(`${name} does not name exactly one provider`);
  const [kind, value] = entry;
  const provider = Object.hasOwn(PROVIDERS, kind) ? PROVIDERS[kind] : undefined;
  if (!provider)
    throw usageError(
      `${name} has the provider ${printable(kind)}, which import cannot read`,
      `it reads ${Object.keys(PROVIDERS).join(', ')}; or import the Secret that the operator made: secret:NAMESPACE/NAME`,
    );
  const given = fieldsOf(value);
  const other = Object.keys(given).find((field) => !provider.fields.includes(field));
  if (other !== undefined)
    throw usageError(`${name} has the field ${printable(other)} of ${kind}, which import cannot do`);
  return provider.open(given, world, use);
}

const PROVIDERS: Readonly<Record<string, Provider>> = {
  vault: {
    fields: ['server', 'path', 'version', 'namespace', 'auth', 'caBundle', 'caProvider', 'readYourWrites'],
    open: ({ server, path, version = 'v2', namespace }, world, use) => {
      const mount = String(path ?? 'secret').replace(/\/+$/, '');
      return withVault(
        world,
        (vault) => {
          refuseOtherServer(String(server), vault.origin);
          const fields = (key: string, at: string) =>
            vault.read(placeIn(mount, withoutMount(key, mount), version === 'v2'), at);
          return use({
            fields,
            value: async (key) => {
              throw usageError(
                `remoteRef of ${printable(key)} has no property`,
                'of Vault, name a property, or take all of them with dataFrom.extract',
              );
            },
          });
        },
        typeof namespace === 'string' ? namespace : undefined,
      );
    },
  },
  aws: {
    fields: ['service', 'region', 'auth', 'role', 'externalID', 'additionalRoles', 'sessionTags'],
    open: ({ service, region }, world, use) => {
      const isParameters = service === 'ParameterStore';
      return withAws(isParameters ? 'ssm' : 'secretsmanager', String(region ?? ''), world, (aws) =>
        use(
          parsed(async (key, version) => {
            if (!isParameters) return readSecretsManager(aws, key, version.replace(/^uuid\//, ''));
            const { text, origin } = await readParameter(aws, version === '' ? key : `${key}:${version}`);
            return { value: encodeUtf8(text), origin };
          }),
        ),
      );
    },
  },
  gcpsm: {
    fields: ['projectID', 'auth'],
    open: ({ projectID }, world, use) =>
      withGoogle(world, (read) => use(parsed((key, version) => read(String(projectID ?? ''), key, version)))),
  },
  azurekv: {
    fields: [
      'vaultUrl',
      'tenantId',
      'authType',
      'authSecretRef',
      'serviceAccountRef',
      'identityId',
      'environmentType',
    ],
    open: ({ vaultUrl }, world, use) =>
      withAzure(hostIn(String(vaultUrl)), world, (read) =>
        use(
          parsed(async (key, version) => {
            const { text, origin } = await read(key.replace(/^secret\//, ''), version);
            return { value: encodeUtf8(text), origin };
          }),
        ),
      ),
  },
};

/** A store whose values are texts; one that is a JSON object has fields. */
function parsed(value: RemoteStore['value']): RemoteStore {
  return {
    value,
    fields: async (key, version) => {
      const found = await value(key, version);
      const fields = parseJson(new TextDecoder().decode(found.value));
      if (isObject(fields)) return { fields, origin: found.origin };
      throw usageError(`${found.origin} is no JSON object`, 'so it has no properties');
    },
  };
}

/** A key may repeat the mount and the API's `data/`, as the operator allows. */
function withoutMount(key: string, mount: string): string {
  const rest = key.startsWith(`${mount}/`) ? key.slice(mount.length + 1) : key;
  return rest.replace(/^data\//, '');
}

/** @throws ERR_USAGE where a manifest would have the user's token sent to another server */
function refuseOtherServer(named: string, own: string): void {
  const origin = URL.parse(named)?.origin;
  if (origin === own) return;
  throw usageError(
    `the store is at ${origin ?? 'no address'}, and VAULT_ADDR is ${own}`,
    'if you trust that server, set VAULT_ADDR to it: your token is sent there',
  );
}

function hostIn(url: string): string {
  const parsedUrl = URL.parse(url);
  if (parsedUrl?.protocol !== 'https:') throw usageError('vaultUrl is not an https URL');
  return vaultHost(parsedUrl.host);
}
