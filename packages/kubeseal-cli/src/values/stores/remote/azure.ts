import { azureVault } from '@fuin/cloud/azure-clouds';
import { SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../../invocation/usage-error.ts';
import { fieldsOf } from '../../../io/fields.ts';
import { parseJson } from '../../json-items.ts';
import type { Store, StoreWorld } from '../store.ts';
import { tokenOfLogin } from './login.ts';
import { outputOf, tokenIn } from './program.ts';
import { loadedText } from './reference.ts';
import { jsonOf, openStoreServer, refusal } from './store-server.ts';

const API_VERSION = '7.4';
const NAME = /^([A-Za-z0-9-]{1,127})(?:\/([A-Za-z0-9]{1,64}))?$/;

/** Secrets of Azure Key Vault. */
export const AZURE: Store = {
  usage: 'azure-kv:VAULT/NAME[/VERSION]',
  summary: 'A secret of Azure Key Vault. VAULT is the name of the vault, or its host in a national cloud',
  check: (name) => void placeOf(name),
  load: async (reference, world) => {
    const { host, name, version } = placeOf(reference);
    return withAzure(host, world, async (read) => {
      const { text, origin } = await read(name, version);
      return loadedText(text, { name, origin }, world);
    });
  },
};

/** Reads one version of a secret. @param version empty for the current one */
export type AzureReader = (
  name: string,
  version: string,
) => Promise<{ readonly text: string; readonly origin: string }>;

/** Opens a vault for as long as something reads. @throws ERR_USAGE without a token */
export async function withAzure<T>(
  host: string,
  world: StoreWorld,
  use: (read: AzureReader) => Promise<T>,
): Promise<T> {
  const server = openStoreServer(`https://${host}`, 'the address of the vault', world);
  try {
    const token = await tokenOf(host, world.io);
    return await use(async (name, version) => {
      const origin = `${name} of Key Vault ${host}`;
      if (!NAME.test(version === '' ? name : `${name}/${version}`))
        throw usageError(`${origin} is no name of a secret`);
      const path = `/secrets/${name}${version === '' ? '' : `/${version}`}?api-version=${API_VERSION}`;
      const answer = await server.send(path, { headers: { authorization: `Bearer ${token}` } });
      if (answer.status !== 200) throw refusal(answer, origin, HINTS);
      const { value } = fieldsOf(jsonOf(answer, origin));
      if (typeof value === 'string') return { text: value, origin };
      throw new SealedSecretsError('ERR_API_REJECTED', `cannot read ${origin}: the answer holds no value`);
    });
  } finally {
    await server.close();
  }
}

/** The host of a vault: of its name, or of one of Azure's clouds. @throws ERR_USAGE for any other host */
export function vaultHost(vault: string): string {
  const host = (vault.includes('.') ? vault : `${vault}.vault.azure.net`).toLowerCase();
  // a Managed HSM holds keys alone
  if (azureVault(host) && !host.includes('.managedhsm.')) return host;
  throw usageError('azure-kv: this is not the name of a vault', 'such as azure-kv:shop-prod/db-password');
}

const HINTS = {
  401: 'the token is not valid for Key Vault: run az login',
  403: 'you need the role Key Vault Secrets User, or the access policy Get for secrets; a firewall of the vault counts too',
  404: 'there is no such secret or version in this vault',
};

function placeOf(reference: string) {
  const at = reference.indexOf('/');
  const [, name, version = ''] = NAME.exec(reference.slice(at + 1)) ?? [];
  if (at > 0 && name !== undefined) return { host: vaultHost(reference.slice(0, at)), name, version };
  throw usageError('azure-kv: needs VAULT/NAME', 'such as azure-kv:shop-prod/db-password');
}

async function tokenOf(host: string, { env, cwd }: StoreWorld['io']): Promise<string> {
  const given = env['AZURE_ACCESS_TOKEN'];
  if (given) return tokenIn(given, 'AZURE_ACCESS_TOKEN');
  const vault = azureVault(host);
  if (vault && (env['AZURE_FEDERATED_TOKEN_FILE'] || env['AZURE_CLIENT_SECRET']))
    return tokenOfLogin(host, async (signal) => {
      const { azureLogin } = await import('@fuin/cloud/azure-token');
      const login = azureLogin(vault, { env });
      return login.token.get(signal).finally(() => login.close());
    });
  const resource = `https://${host.slice(host.indexOf('.') + 1)}`;
  const args = ['account', 'get-access-token', '--resource', resource, '--output', 'json'];
  const hint = 'install az and log in, or set AZURE_ACCESS_TOKEN';
  const output = await outputOf({ program: 'az', args, env, cwd, hint });
  const { accessToken } = fieldsOf(parseJson(output.toString('utf8')));
  return tokenIn(String(accessToken ?? ''), 'az');
}
