import type { RequestOptions } from 'node:https';
import { systemClock } from '../time/clock.ts';
import type { AuthorizationHeaders } from './connection.ts';
import { type CurrentContext, fieldsOf } from './connection-kubeconfig-file.ts';

/** What a plugin issued; cert and key are PEM. */
export interface Credentials {
  readonly headers: AuthorizationHeaders;
  readonly cert?: string;
  readonly key?: string;
}

/** Asks for credentials, cached until they expire; `wasRefused` drops the cache. */
export type CredentialSource = (wasRefused?: boolean) => Promise<Credentials>;

/** What was just issued counts for so long, whatever date it has: our own clock may be ahead of the issuer's. */
const FRESH_MS = 10_000;

type Issuer = (options: RequestOptions) => Promise<void>;

/**
 * Exec plugins and auth providers, by @kubernetes/client-node. Exec plugins take one small file of it (2 MB);
 * only the deprecated auth providers (OIDC, gcp, azure) need the whole package (81 MB).
 */
export function createCredentialSource(context: CurrentContext, server: string): CredentialSource {
  const load = context.user['exec'] ? () => loadExec(context, server) : () => loadProvider(context, server);
  let issuer: Promise<Issuer> | undefined;
  const ask = async (): Promise<Credentials> => {
    issuer ??= load();
    const options: RequestOptions = { headers: {} };
    await (await issuer)(options);
    return toCredentials(options);
  };
  let last: { readonly askedMs: number; readonly credentials: Promise<Credentials> } | undefined;
  return (wasRefused) => {
    if (wasRefused) [issuer, last] = [undefined, undefined];
    if (last && systemClock.now() - last.askedMs < FRESH_MS) return last.credentials;
    const asked = { askedMs: systemClock.now(), credentials: ask() };
    last = asked;
    asked.credentials.catch(() => {
      if (last === asked) last = undefined;
    });
    return asked.credentials;
  };
}

async function loadExec({ user, userName: name }: CurrentContext, server: string): Promise<Issuer> {
  const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
  const exec = fieldsOf(user['exec']);
  const spec = { interactive: false, ...(exec['provideClusterInfo'] === true && { cluster: { server } }) };
  const info = { apiVersion: exec['apiVersion'], kind: 'ExecCredential', spec };
  const variable = { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) };
  const env = Array.isArray(exec['env']) ? [...exec['env'], variable] : [variable];
  const auth = new ExecAuth();
  return (options) => auth.applyAuthentication({ name, exec: { ...exec, env } }, options);
}

async function loadProvider(context: CurrentContext, server: string): Promise<Issuer> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const user = { name: context.userName, authProvider: context.user['auth-provider'] };
  config.loadFromClusterAndUser({ name: 'cluster', server, skipTLSVerify: false }, user);
  return (options) => config.applyToHTTPSOptions(options);
}

function toCredentials({ headers, cert, key }: RequestOptions): Credentials {
  const entries = Object.entries(fieldsOf(headers)).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    headers: Object.fromEntries(entries),
    ...(cert && { cert: String(cert) }),
    ...(key && { key: String(key) }),
  };
}
