import { readFile } from 'node:fs/promises';
import { ConfidentialClientApplication, type INetworkModule, ServerError } from '@azure/msal-node';
import { SealedSecretsError } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { runPlugin } from '../exec/run-plugin.ts';
import { misconfigured, refusal, rejected, unavailable } from '../faults.ts';
import { CALL_TIMEOUT_MS, type WrapperWorld } from '../key-wrapper.ts';
import { AccessToken, type TokenFetch } from '../server/access-token.ts';
import { type KeyServer, openKeyServer } from '../server/key-server.ts';
import type { AzureVault } from './azure-clouds.ts';

/** A source of tokens that keeps a connection. */
export interface AzureLogin {
  readonly token: AccessToken;
  close(): Promise<void>;
}

/** How a login reaches its server. */
export interface LoginRoute {
  readonly timeoutMs: number;
  /** The address under which an origin is reached: itself, but for tests. */
  readonly reach: (origin: string) => string;
}

/** Straight to the servers. */
export const DIRECT: LoginRoute = { timeoutMs: CALL_TIMEOUT_MS, reach: (origin) => origin };

const WHO = 'of Azure (credentials)';
const GUID_OR_DOMAIN = /^[A-Za-z0-9.-]{1,253}$/;
const HINTS = {
  invalid_client:
    'no federated credential of the identity fits the issuer of the cluster and this service account, its token or the secret is wrong or expired, or the clock of this machine is wrong',
  unauthorized_client: 'the tenant has no such application: AZURE_CLIENT_ID, AZURE_TENANT_ID',
  invalid_request: 'there is no such tenant: AZURE_TENANT_ID',
  invalid_resource: 'the tenant does not know Key Vault',
};
const NO_CREDENTIALS =
  'label the Pod azure.workload.identity/use: "true" and annotate its service account with azure.workload.identity/client-id, or run az login';
const SPARE_MS = 300_000;

/**
 * Tokens of Azure: by the token of a service account (AKS workload identity) or a client secret through
 * Microsoft's own library, else by what az login left.
 *
 * @throws ERR_USAGE for variables that contradict each other
 */
export function azureLogin(
  { authority, resource }: AzureVault,
  world: WrapperWorld,
  route: LoginRoute = DIRECT,
): AzureLogin {
  const { env } = world;
  const given = env['AZURE_ACCESS_TOKEN'];
  if (given) return withoutServer(async () => given);
  const file = env['AZURE_FEDERATED_TOKEN_FILE'];
  const secret = env['AZURE_CLIENT_SECRET'];
  if (!file && !secret) return withoutServer(fromProgram(resource, world, route.timeoutMs));
  const [clientId = '', tenant = ''] = [env['AZURE_CLIENT_ID'], env['AZURE_TENANT_ID']];
  if (!GUID_OR_DOMAIN.test(clientId) || !GUID_OR_DOMAIN.test(tenant))
    throw misconfigured(
      'AZURE_CLIENT_ID or AZURE_TENANT_ID is missing',
      'the webhook of AKS workload identity sets both in Pods with the label azure.workload.identity/use: "true"',
    );
  const { origin, host } = URL.parse(env['AZURE_AUTHORITY_HOST'] || authority) ?? { origin: '', host: '' };
  const server = openKeyServer(route.reach(origin), 'AZURE_AUTHORITY_HOST', { env });
  const open = () => {
    const network = new LoginNetwork(server, route.timeoutMs);
    const proof = file
      ? { clientAssertion: async () => (await readFile(file, 'utf8')).trim() }
      : { clientSecret: secret ?? '' };
    const auth = { clientId, authority: `${origin}/${tenant}`, knownAuthorities: [host], ...proof };
    const system = { networkClient: network, disableInternalRetries: true };
    return { network, application: new ConfidentialClientApplication({ auth, system }) };
  };
  let opened: ReturnType<typeof open> | undefined;
  const token = new AccessToken(WHO, async (isRenewal) => {
    opened ??= open();
    const { application, network } = opened;
    network.failure = undefined;
    try {
      const scopes = [`${resource}/.default`];
      const result = await application.acquireTokenByClientCredential({ scopes, skipCache: isRenewal });
      return result?.accessToken ?? '';
    } catch (error) {
      opened = undefined; // it remembers failures, and when to ask again is for the caller to decide
      throw network.failure ?? failureOf(error);
    }
  });
  return { token, close: () => server.close() };
}

/** Requests of Microsoft's library, on the way of all others: bounded, to one server, without redirects. */
class LoginNetwork implements INetworkModule {
  readonly #server: KeyServer;
  readonly #timeoutMs: number;
  /** Why there was no answer: the library does not pass errors on. */
  failure: SealedSecretsError | undefined;

  constructor(server: KeyServer, timeoutMs: number) {
    this.#server = server;
    this.#timeoutMs = timeoutMs;
  }

  sendGetRequestAsync: INetworkModule['sendGetRequestAsync'] = (url, options) =>
    this.#send('GET', url, options);

  sendPostRequestAsync: INetworkModule['sendPostRequestAsync'] = (url, options) =>
    this.#send('POST', url, options);

  async #send<T>(
    method: 'GET' | 'POST',
    url: string,
    { headers = {}, body }: NonNullable<Parameters<INetworkModule['sendPostRequestAsync']>[1]> = {},
  ) {
    const { pathname, search } = new URL(url);
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      const request = { method, headers, signal, ...(body === undefined ? {} : { body }) };
      const answer = await this.#server.ask(`${pathname}${search}`, request);
      if (answer.status !== 429 && answer.status < 500)
        return { status: answer.status, headers: {}, body: answer.fields as T };
      this.failure = refusal(WHO, answer, HINTS);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      this.failure = error;
    }
    // other statuses, and errors, the library would take for a reason to keep back a token that is still good
    return { status: 400, headers: {}, body: { error: 'temporarily_unavailable' } as T };
  }
}

/** Says nothing that the library says: its texts quote the server. */
function failureOf(error: unknown): SealedSecretsError {
  if (error instanceof ServerError)
    return refusal(WHO, { status: error.status ?? 400 }, HINTS, error.errorCode);
  const { code } = Object(error) as { readonly code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]{1,20}$/.test(code))
    return unavailable(WHO, `the token file cannot be read: ${code}`);
  return rejected(WHO, 'the answer holds no token', NO_CREDENTIALS);
}

function withoutServer(fetch: TokenFetch): AzureLogin {
  return { token: new AccessToken(WHO, fetch), close: async () => undefined };
}

/** What az gives, kept until shortly before it expires. */
function fromProgram(resource: string, { env }: WrapperWorld, timeoutMs: number): TokenFetch {
  const args = ['account', 'get-access-token', '--resource', resource, '--output', 'json'];
  let kept = { token: '', untilMs: 0 };
  return async (isRenewal) => {
    if (!isRenewal && Date.now() < kept.untilMs) return kept.token;
    const output = await runPlugin({ program: 'az', args, env, who: 'az', input: '', timeoutMs }).catch(
      () => {
        throw rejected(WHO, 'there are none', NO_CREDENTIALS);
      },
    );
    const { accessToken, expires_on: expiresOn } = parsed(output);
    const untilMs = typeof expiresOn === 'number' ? expiresOn * 1000 - SPARE_MS : 0;
    kept = { token: typeof accessToken === 'string' ? accessToken : '', untilMs };
    return kept.token;
  };
}

function parsed(output: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(output));
  } catch {
    return {};
  }
}
