import { type Bytes, decodeBase64, encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { misconfigured, ofAnotherKey, refusal, rejected, unavailable } from '../faults.ts';
import type { KeyWrapper, WrapperWorld } from '../key-wrapper.ts';
import { askAs } from '../server/access-token.ts';
import { openKeyServer } from '../server/key-server.ts';
import { azureVault } from './azure-clouds.ts';
import { azureLogin, DIRECT, type LoginRoute } from './azure-token.ts';

const API = 'api-version=7.4';
const VERSION = /^[0-9a-f]{32}$/;
/** How a data key is wrapped, by the type of the key. Older algorithms of RSA are never asked for. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  RSA: 'RSA-OAEP-256',
  'RSA-HSM': 'RSA-OAEP-256',
  'oct-HSM': 'A256KW',
};
/** Version of the key, algorithm, and what Azure made of the data key. */
const WRAPPED = /^azure-kv:v([0-9a-f]{32}):(RSA-OAEP-256|A256KW):([A-Za-z0-9+/]+=*)$/;
const HINTS = {
  KeyDisabled: 'the key or its version is disabled: az keyvault key set-attributes --enabled true',
  ForbiddenByRbac:
    'these credentials need the role Key Vault Crypto Service Encryption User on the key or the vault',
  ForbiddenByFirewall: 'the firewall of the vault does not let this network in',
  KeyNotFound: 'there is no such key or version in this vault, or it was deleted: az keyvault key recover',
  Unauthorized: 'the token is of another tenant than the vault, or the clock of this machine is wrong',
  Throttled: 'the vault is asked too often',
  BadParameter: 'this was wrapped by another key, or it is damaged',
  403: 'these credentials need the role Key Vault Crypto Service Encryption User; a disabled key and the firewall of the vault count too',
};

type Fields = Readonly<Record<string, unknown>>;

/** One version of the key, which a wrapped data key names. */
interface KeyVersion {
  readonly version: string;
  readonly algorithm: string;
}

/**
 * A key of Azure Key Vault or Managed HSM: RSA, or AES of 256 bits in a Managed HSM. Azure binds no context;
 * only the envelope around the data key does (wrapped-key.ts).
 *
 * @param reference identifier of the key without version: https://VAULT.vault.azure.net/keys/KEY
 * @throws ERR_USAGE
 */
export function openAzureWrapper(
  reference: string,
  { env }: WrapperWorld,
  route: LoginRoute = DIRECT,
): KeyWrapper {
  const { vault, key } = placeOf(reference);
  const server = openKeyServer(route.reach(vault.origin), 'the address of the vault', { env });
  const login = azureLogin(vault, { env }, route);
  const ask = async (path: string, sent: Fields | undefined, signal: AbortSignal): Promise<Fields> => {
    const request = sent ? { body: JSON.stringify(sent), signal } : { method: 'GET' as const, signal };
    const answer = await askAs(login.token, server, `/keys/${key}${path}?${API}`, request);
    if (answer.status === 200) return answer.fields;
    const { code, innererror } = recordOf(answer.fields['error']);
    throw refusal(vault.origin, answer, HINTS, String(recordOf(innererror)['code'] ?? code ?? ''));
  };
  const crypt = async (
    operation: 'wrapkey' | 'unwrapkey',
    { version, algorithm }: KeyVersion,
    bytes: Bytes,
    signal: AbortSignal,
  ) => {
    const sent = { alg: algorithm, value: Buffer.from(bytes).toString('base64url') };
    const { kid, value } = await ask(`/${version}/${operation}`, sent, signal);
    if (kid !== `${reference}/${version}`) throw ofAnotherKey(vault.origin);
    return bytesIn(value, vault.origin);
  };
  const wrap = async (dataKey: Bytes) => {
    const signal = AbortSignal.timeout(route.timeoutMs);
    const newest = versionIn(await ask('', undefined, signal), reference, vault.origin);
    const wrapped = await crypt('wrapkey', newest, dataKey, signal);
    return encodeUtf8(`azure-kv:v${newest.version}:${newest.algorithm}:${encodeBase64(wrapped)}`);
  };
  const unwrap = async (wrapped: Bytes) => {
    const { used, bytes } = wrappedIn(wrapped, vault.origin);
    return crypt('unwrapkey', used, bytes, AbortSignal.timeout(route.timeoutMs));
  };
  return {
    name: `azure-kv:${reference}`,
    describe: () => `key ${key} of ${vault.origin}`,
    wrap,
    unwrap,
    rewrap: async (wrapped) => wrap(await unwrap(wrapped)),
    close: async () => void (await Promise.all([server.close(), login.close()])),
  };
}

function placeOf(reference: string) {
  const [, host = '', key = ''] =
    /^https:\/\/([^/]{1,100})\/keys\/([A-Za-z0-9-]{1,127})$/.exec(reference) ?? [];
  const vault = azureVault(host);
  if (vault) return { vault, key };
  throw misconfigured(
    'azure-kv: needs the identifier of a key, without a version',
    'such as azure-kv:https://shop-prod.vault.azure.net/keys/sealed-secrets',
  );
}

/** The newest version of the key, and how it wraps. */
function versionIn({ key }: Fields, reference: string, origin: string): KeyVersion {
  const { kid, kty } = recordOf(key);
  const text = String(kid ?? '');
  const version = text.slice(reference.length + 1);
  if (text !== `${reference}/${version}` || !VERSION.test(version)) throw ofAnotherKey(origin);
  const algorithm = Object.hasOwn(ALGORITHMS, String(kty)) ? ALGORITHMS[String(kty)] : undefined;
  if (algorithm !== undefined) return { version, algorithm };
  throw rejected(
    origin,
    'the key is of a type that wraps nothing',
    'make it with --kty RSA, RSA-HSM or oct-HSM',
  );
}

function wrappedIn(wrapped: Bytes, origin: string): { readonly used: KeyVersion; readonly bytes: Bytes } {
  const text = Buffer.from(wrapped).toString('latin1');
  const [, version = '', algorithm = '', base64 = ''] = WRAPPED.exec(text) ?? [];
  try {
    if (base64 !== '') return { used: { version, algorithm }, bytes: decodeBase64(base64) };
  } catch {
    // the same as something else
  }
  throw rejected(origin, 'this was not wrapped by Azure Key Vault');
}

function bytesIn(value: unknown, origin: string): Bytes {
  if (typeof value === 'string' && /^[\w-]{1,11000}$/.test(value))
    return new Uint8Array(Buffer.from(value, 'base64url'));
  throw unavailable(origin, 'its answer holds no value');
}
