import { readFile } from 'node:fs/promises';
import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { fileError } from '@fuin/flags/errno';
import type { ClusterAccess, Fields } from './current-context.ts';

/** client-go's words for a CA beside the switch that makes it void. */
export const CA_AND_INSECURE = 'specifying a root certificates file with the insecure flag is not allowed';

/** What identifies us to the API server and it to us. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tls: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
    readonly rejectUnauthorized: boolean;
  };
}

/**
 * Reads the credentials that stand in the kubeconfig or in files it names: TLS material, token, password, impersonation.
 *
 * @throws ERR_USAGE when a file cannot be read
 */
export async function readCredentials({ cluster, user }: ClusterAccess): Promise<Credentials> {
  const ca = await material(cluster, 'certificate-authority');
  const cert = await material(user, 'client-certificate');
  const key = await material(user, 'client-key');
  const servername = text(cluster['tls-server-name']);
  const isInsecure = cluster['insecure-skip-tls-verify'] === true;
  if (ca && isInsecure) throw new SealedSecretsError('ERR_USAGE', CA_AND_INSECURE);
  return {
    headers: { ...(await authorization(user)), ...impersonation(user) },
    tls: {
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
      ...(servername ? { servername } : {}),
      rejectUnauthorized: !isInsecure,
    },
  };
}

/** `<field>-data` in base64 wins over the file that `<field>` names. */
async function material(fields: Fields, field: string): Promise<Buffer | undefined> {
  const data = text(fields[`${field}-data`]);
  if (data) return Buffer.from(data, 'base64');
  const file = text(fields[field]);
  if (!file) return undefined;
  return readFile(file).catch((error: unknown) => {
    throw fileError(error, `unable to read ${field}`, file);
  });
}

async function authorization(user: Fields): Promise<Record<string, string>> {
  const file = text(user['tokenFile']);
  const fromFile = file ? await readFile(file, 'utf8').catch(() => undefined) : undefined;
  const token = fromFile?.trim() || text(user['token']); // the file wins where it can be read, as in client-go
  if (token) return { authorization: `Bearer ${token}` };
  const name = text(user['username']);
  if (!name) return {};
  const pair = Buffer.from(`${name}:${text(user['password'])}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

function impersonation(user: Fields): Record<string, string | string[]> {
  const groups = Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : [];
  const extra = Object.entries((user['as-user-extra'] ?? {}) as Record<string, string[]>);
  const headers = {
    ...(text(user['as-uid']) ? { 'impersonate-uid': text(user['as-uid']) } : {}),
    ...(groups.length > 0 ? { 'impersonate-group': groups } : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${escapedName(key)}`, values])),
  };
  if (text(user['as'])) return { 'impersonate-user': text(user['as']), ...headers };
  if (Object.keys(headers).length === 0) return {};
  throw new SealedSecretsError(
    'ERR_USAGE',
    'requesting uid, groups or user-extra without impersonating a user',
    { hint: 'name the user with --as' },
  );
}

/** A key as part of a header's name; the API server takes the escapes out again. */
function escapedName(key: string): string {
  return encodeURIComponent(key).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'));
}

/** Whether a user has a token, a password, or the like, which goes before what providers and plugins give. */
export function hasAuthorization(user: Fields): boolean {
  return ['token', 'tokenFile', 'username'].some((field) => text(user[field]) !== '');
}

/** Whether a user has a client certificate with its key. */
export function hasClientCertificate(user: Fields): boolean {
  const has = (field: string) => text(user[`${field}-data`]) !== '' || text(user[field]) !== '';
  return has('client-certificate') && has('client-key');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
