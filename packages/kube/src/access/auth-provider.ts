import { SealedSecretsError } from '@fuin/crypto-core';
import { systemAuthorities } from '@fuin/flags/authorities';
import type { ClientAuth, CustomFetch } from 'openid-client';
import type { RequestInit } from 'undici';
import { isRecord } from '../record.ts';
import { pemReader, textOf } from './credentials.ts';
import type { IssuedCredentials } from './renewal.ts';
import type { Fields, UserOrigin } from './server-access.ts';
import { storeTokens, type Tokens } from './stored-tokens.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What client-go says of the providers it no longer has. */
const REMOVED: Readonly<Record<string, string>> = {
  gcp: 'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead',
  azure: 'Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead',
};
/** client-go takes a token for expired that much before it is. */
const LEEWAY_MS = 10_000;
/** How deep the reason of a failure may lie. */
const MAX_CAUSES = 5;
/** Without one of them nothing can be renewed. */
const RENEWAL_FIELDS = ['idp-issuer-url', 'client-id', 'refresh-token'];
const LOG_IN =
  'log in again with the tool that wrote the kubeconfig; or use an exec plugin such as kubelogin';

/**
 * Makes a function that returns the token of the legacy `auth-provider: oidc` of a kubeconfig. openid-client,
 * which is loaded on demand, renews an expired token. The new token is stored in the kubeconfig, like in
 * client-go: a provider that gives out a new refresh token does not accept the old one again.
 */
export function askAuthProvider(
  { name, config }: Fields,
  origin: UserOrigin | undefined,
  env: Env,
): () => Promise<IssuedCredentials> {
  let fields = { ...(config as Fields | undefined) };
  return async () => {
    if (name !== 'oidc') throw unknownProvider(String(name ?? ''));
    const token = textOf(fields['id-token']);
    const expiryMs = token === undefined ? undefined : expiryOf(token);
    if (token !== undefined && expiryMs !== undefined && expiryMs - LEEWAY_MS > Date.now())
      return { token, expiresMs: expiryMs - LEEWAY_MS };
    const missing = RENEWAL_FIELDS.filter((field) => textOf(fields[field]) === undefined);
    if (missing.length > 0)
      throw failure(
        `${reasonOf(token, expiryMs)}, and cannot be renewed without ${missing.join(', ')}`,
        LOG_IN,
      );
    const renewed = await renew(fields, env);
    if (origin) await storeTokens(origin, fields, renewed);
    fields = { ...fields, ...renewed };
    const newExpiryMs = expiryOf(renewed['id-token']);
    return {
      token: renewed['id-token'],
      ...(newExpiryMs !== undefined && { expiresMs: newExpiryMs - LEEWAY_MS }),
    };
  };
}

function unknownProvider(name: string): SealedSecretsError {
  const hint = REMOVED[name];
  const reason = hint
    ? `The ${name} auth plugin has been removed.`
    : `no Auth Provider found for name "${name}"`;
  return failure(reason, hint);
}

function reasonOf(token: string | undefined, expiryMs: number | undefined): string {
  if (token === undefined) return 'the oidc auth provider has no id-token';
  if (expiryMs === undefined) return 'the id-token of the oidc auth provider is no JWT with an expiry';
  return `the id-token of the oidc auth provider expired at ${new Date(expiryMs).toISOString()}`;
}

async function renew(fields: Fields, env: Env): Promise<Tokens> {
  const { discovery, refreshTokenGrant, None, customFetch } = await import('openid-client');
  const [issuer = '', clientId = '', refreshToken = ''] = RENEWAL_FIELDS.map((field) =>
    textOf(fields[field]),
  );
  const secret = textOf(fields['client-secret']);
  const authentication = secret === undefined ? None() : await secretAuthentication(secret);
  const { fetch, agent } = await fetchTrusting(fields, env);
  try {
    const provider = await discovery(new URL(issuer), clientId, undefined, authentication, {
      [customFetch]: fetch,
    });
    const answer = await refreshTokenGrant(provider, refreshToken);
    if (answer.id_token === undefined)
      throw Object.assign(new Error(), { code: 'no_id_token_in_the_answer' });
    const renewed = answer.refresh_token;
    return { 'id-token': answer.id_token, ...(renewed !== undefined && { 'refresh-token': renewed }) };
  } catch (error) {
    throw failure(`the id-token of the oidc auth provider cannot be renewed: ${codeOf(error)}`, LOG_IN);
  } finally {
    await agent.close();
  }
}

/**
 * The secret in a header, or in the body if the provider only accepts it there; like Go's oauth2, it tries.
 */
async function secretAuthentication(secret: string): Promise<ClientAuth> {
  const { ClientSecretBasic, ClientSecretPost } = await import('openid-client');
  return (provider, ...request) => {
    const methods = provider.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_basic') ? ClientSecretBasic : ClientSecretPost;
    return authenticate(secret)(provider, ...request);
  };
}

/** Trusts the authority that the provider's fields name, else those of the system. */
async function fetchTrusting(fields: Fields, env: Env) {
  const { Agent, fetch } = await import('undici');
  const pem = await pemReader(fields, 'idp-certificate-authority')();
  const ca = pem ?? systemAuthorities(env);
  const agent = new Agent({ connect: { ...(ca && { ca }), allowPartialTrustChain: true } });
  const fetchWith: CustomFetch = async (url, { body, ...options }) => {
    const init = { ...options, ...(body === undefined ? {} : { body }), dispatcher: agent };
    return (await fetch(url, init as RequestInit)) as unknown as Response;
  };
  return { fetch: fetchWith, agent };
}

/**
 * OAuth's error code, else the network's; never the text of the answer, which may hold a token.
 */
function codeOf(error: unknown): string {
  const words: unknown[] = []; // the innermost first
  for (let each = error; isRecord(each) && words.length < 2 * MAX_CAUSES; each = each['cause'])
    words.unshift(each['error'], each['code']);
  const word = words.find((each) => typeof each === 'string' && /^\w+$/.test(each));
  return typeof word === 'string' ? word : 'it failed';
}

function expiryOf(token: string): number | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp?: unknown;
    };
    const expiry = Number(claims.exp) * 1000;
    return Number.isNaN(new Date(expiry).getTime()) ? undefined : expiry;
  } catch {
    return undefined;
  }
}

function failure(reason: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', `getting credentials: ${reason}`, hint ? { hint } : {});
}
