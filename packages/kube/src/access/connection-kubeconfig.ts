import { readFile } from 'node:fs/promises';
import { SealedSecretsError } from '@fuin/crypto-core';
import { CachedFile } from './cached-file.ts';
import type { AuthorizationHeaders, Connection, TlsMaterial } from './connection.ts';
import {
  type CurrentContext,
  type Fields,
  fieldsOf,
  readCurrentContext,
  text,
} from './connection-kubeconfig-file.ts';
import type { CredentialSource, Credentials } from './refresh.ts';

/** The connection that the current context of these files describes. @throws ERR_USAGE */
export async function kubeconfigConnection(files: readonly string[]): Promise<Connection> {
  const current = await readCurrentContext(files);
  const server = serverUrl(current.cluster);
  if (!server)
    throw new SealedSecretsError('ERR_USAGE', `kubeconfig ${files.join(', ')}: the cluster has no server`);
  const hasAuthority = ['', '-data'].some((end) => text(current.cluster[`certificate-authority${end}`]));
  if (hasAuthority && current.cluster['insecure-skip-tls-verify'] === true)
    throw new SealedSecretsError(
      'ERR_USAGE',
      `kubeconfig ${files.join(', ')}: specifying a root certificates file with the insecure flag is not allowed`,
    );
  const context = server.startsWith('https://') ? current : withoutCredentials(current);
  const plugin = await loadPlugin(context, server);
  const tokenFile = text(context.user['tokenFile']);
  const token = tokenFile === undefined ? undefined : new CachedFile(tokenFile);
  const proxyUrl = text(context.cluster['proxy-url']);
  const tls = new TlsReader(context, plugin);
  return {
    server,
    namespace: context.namespace,
    isInCluster: false,
    ...(proxyUrl && { proxyUrl }),
    tls: () => tls.read(),
    async authorization(wasRefused) {
      const headers = { ...staticHeaders(context.user), ...(await plugin?.(wasRefused))?.headers };
      if (!token) return headers;
      return { ...headers, authorization: `Bearer ${(await token.read(wasRefused)).trim()}` };
    },
  };
}

/** What says that a server is spoken to over TLS, as in client-go's DefaultServerUrlFor. */
const TLS_FIELDS = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'];

/** Base URL without trailing slash; without a scheme it is https where anything is said about TLS, else http. */
function serverUrl(cluster: Fields): string | undefined {
  const server = text(cluster['server'])?.replace(/\/+$/, '');
  if (!server) return undefined;
  const [, scheme, rest] = /^(https?):\/\/(.*)$/is.exec(server) ?? [];
  if (scheme !== undefined) return `${scheme.toLowerCase()}://${rest}`;
  return `${TLS_FIELDS.some((field) => cluster[field]) ? 'https' : 'http'}://${server}`;
}

/** For plain http: client-go sends no token, password or certificate over it either, and asks no plugin for one. */
function withoutCredentials(context: CurrentContext): CurrentContext {
  const impersonation = Object.entries(context.user).filter(([field]) => field.startsWith('as'));
  return { ...context, user: Object.fromEntries(impersonation) };
}

/** Plugins and providers are asked only where the user has no credentials of its own, as by client-go. */
async function loadPlugin(context: CurrentContext, server: string): Promise<CredentialSource | undefined> {
  const { user } = context;
  const has = (...fields: readonly string[]) => fields.some((field) => text(user[field]) !== undefined);
  const hasCertificate =
    has('client-certificate', 'client-certificate-data') && has('client-key', 'client-key-data');
  if (has('token', 'tokenFile', 'username') || (user['exec'] && hasCertificate)) return undefined;
  if (!user['exec'] && !user['auth-provider']) return undefined;
  const { createCredentialSource } = await import('./refresh.ts');
  return createCredentialSource(context, server);
}

function staticHeaders(user: Fields): AuthorizationHeaders {
  const headers: Record<string, string | string[]> = {};
  const token = text(user['token']);
  const username = text(user['username']);
  if (token) headers['authorization'] = `Bearer ${token.trim()}`;
  else if (username) {
    const pair = `${username}:${text(user['password']) ?? ''}`;
    headers['authorization'] = `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  }
  const as = text(user['as']);
  if (as) headers['impersonate-user'] = as;
  const groups = user['as-groups'];
  if (as && Array.isArray(groups)) headers['impersonate-group'] = groups.map(String);
  const uid = text(user['as-uid']);
  if (as && uid) headers['impersonate-uid'] = uid;
  for (const [key, values] of Object.entries(as ? fieldsOf(user['as-user-extra']) : {})) {
    const name = encodeURIComponent(key).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'));
    headers[`impersonate-extra-${name}`] = Array.isArray(values) ? values.map(String) : [];
  }
  return headers;
}

/** Reads certificates and keys at each new connection, so that files replaced in the meantime count. */
class TlsReader {
  readonly #context: CurrentContext;
  readonly #plugin: CredentialSource | undefined;
  #last: TlsMaterial = {};

  constructor(context: CurrentContext, plugin: CredentialSource | undefined) {
    this.#context = context;
    this.#plugin = plugin;
  }

  async read(): Promise<TlsMaterial> {
    const { cluster, user } = this.#context;
    const issued: Credentials | undefined = await this.#plugin?.();
    const isInsecure = cluster['insecure-skip-tls-verify'] === true;
    const material = {
      ca: await dataOrFile(cluster, 'certificate-authority'),
      cert: issued?.cert ?? (await dataOrFile(user, 'client-certificate')),
      key: issued?.key ?? (await dataOrFile(user, 'client-key')),
      servername: text(cluster['tls-server-name']),
      rejectUnauthorized: isInsecure ? false : undefined,
    };
    const present = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
    if (JSON.stringify(present) !== JSON.stringify(this.#last)) this.#last = present;
    return this.#last;
  }
}

async function dataOrFile(fields: Fields, name: string): Promise<string | undefined> {
  const data = text(fields[`${name}-data`]);
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  const file = text(fields[name]);
  return file === undefined ? undefined : readFile(file, 'utf8');
}
