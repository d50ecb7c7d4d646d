import { SealedSecretsError } from '@fuin/crypto-core';
import {
  authorizationReader,
  bearer,
  CA_AND_INSECURE,
  hasAuthorization,
  hasClientCertificate,
  impersonation,
  pemReader,
  textOf,
} from './credentials.ts';
import type { PluginHost } from './exec-plugin.ts';
import { type CredentialSource, keepUntilExpiry } from './renewal.ts';
import type { ClusterAccess, Fields, ServerAccess, TlsMaterial } from './server-access.ts';

/**
 * Makes the way to an API server out of a context. No file is read and no plugin runs before `tls` or
 * `authorization` is called.
 *
 * @throws ERR_USAGE in client-go's words for fields that exclude each other
 */
export async function openServer(context: ClusterAccess, host: PluginHost): Promise<ServerAccess> {
  const server = serverUrl(context.cluster);
  if (!URL.canParse(server)) throw usage('host must be a URL or a host:port pair'); // it may hold a password
  const access = server.startsWith('https:') ? context : withoutCredentials(context);
  const { cluster, user } = access;
  const isInsecure = cluster['insecure-skip-tls-verify'] === true;
  if (isInsecure && has(cluster, 'certificate-authority')) throw usage(CA_AND_INSECURE);
  refuseAmbiguousUser(context.user);
  const impersonated = impersonation(user);
  const readAuthorization = authorizationReader(user);
  const source = await credentialSource(access, host);
  const proxyUrl = textOf(context.cluster['proxy-url']);
  return {
    server,
    namespace: context.namespace,
    ...(proxyUrl && { proxyUrl }),
    tls: tlsReader(access, source),
    async authorization(wasRefused) {
      const issued = bearer((await source?.(wasRefused))?.token);
      return { ...(await readAuthorization(wasRefused)), ...issued, ...impersonated };
    },
  };
}

/** client-go's rules for one user, in its words. @throws ERR_USAGE */
function refuseAmbiguousUser(user: Fields): void {
  const methods = [
    ...(textOf(user['token']) ? ['token'] : []),
    ...(textOf(user['username']) || textOf(user['password']) ? ['basicAuth'] : []),
  ];
  if (methods.length > 1)
    throw usage(
      `more than one authentication method found; found [${methods.join(' ')}], only one is allowed`,
    );
  if (has(user, 'client-certificate') && !has(user, 'client-key'))
    throw usage(
      'client-key-data or client-key must be specified to use the clientCert authentication method.',
    );
}

/** What says that a server is spoken to over TLS, as in client-go's DefaultServerUrlFor. */
const TLS_FIELDS = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'];

/**
 * Base URL without trailing slash; without a scheme it is https where anything is said about TLS, else http.
 */
function serverUrl(cluster: Fields): string {
  const server = (textOf(cluster['server']) ?? '').replace(/\/+$/, '');
  const [, scheme, rest] = /^(https?):\/\/(.*)$/is.exec(server) ?? [];
  if (scheme !== undefined) return `${scheme.toLowerCase()}://${rest}`;
  return `${TLS_FIELDS.some((field) => cluster[field]) ? 'https' : 'http'}://${server}`;
}

/**
 * For plain http: like client-go, no token, password or certificate is read or sent (IsConfigTransportTLS).
 */
function withoutCredentials(access: ClusterAccess): ClusterAccess {
  const impersonated = Object.entries(access.user).filter(([field]) => field.startsWith('as'));
  return { ...access, cluster: {}, user: Object.fromEntries(impersonated) };
}

/** Plugins and providers are asked only where the user has no credentials of its own, as by client-go. */
async function credentialSource(
  access: ClusterAccess,
  host: PluginHost,
): Promise<CredentialSource | undefined> {
  const { cluster, user } = access;
  if (hasAuthorization(user)) return undefined;
  if (user['exec']) {
    if (hasClientCertificate(user)) return undefined;
    const { runExecPlugin } = await import('./exec-plugin.ts');
    const readCa = pemReader(cluster, 'certificate-authority');
    return keepUntilExpiry(async () => runExecPlugin(access, await readCa(), host));
  }
  if (!user['auth-provider']) return undefined;
  const { askAuthProvider } = await import('./auth-provider.ts');
  const provider = askAuthProvider(user['auth-provider'] as Fields, access.userOrigin, host.env);
  return keepUntilExpiry(provider);
}

/** Reads certificates and keys at each new connection, so that files replaced in the meantime count. */
function tlsReader({ cluster, user }: ClusterAccess, source?: CredentialSource): ServerAccess['tls'] {
  const readCa = pemReader(cluster, 'certificate-authority');
  const readCert = pemReader(user, 'client-certificate');
  const readKey = pemReader(user, 'client-key');
  let last: TlsMaterial = {};
  return async () => {
    const issued = await source?.();
    const material = {
      ca: await readCa(),
      cert: issued?.cert ?? (await readCert()),
      key: issued?.key ?? (await readKey()),
      servername: textOf(cluster['tls-server-name']),
      rejectUnauthorized: cluster['insecure-skip-tls-verify'] === true ? false : undefined,
    };
    const present = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
    if (JSON.stringify(present) !== JSON.stringify(last)) last = present;
    return last;
  };
}

function has(fields: Fields, field: string): boolean {
  return textOf(fields[field]) !== undefined || textOf(fields[`${field}-data`]) !== undefined;
}

function usage(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message);
}
