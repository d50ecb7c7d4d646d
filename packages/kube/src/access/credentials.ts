import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { fileError } from '@fuin/flags/errno';
import { CachedFile } from './renewal.ts';
import type { AuthorizationHeaders, Fields } from './server-access.ts';

/** client-go's words for a CA beside the switch that makes it void. */
export const CA_AND_INSECURE = 'specifying a root certificates file with the insecure flag is not allowed';

/** The value when it is a string with something in it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads PEM from a field or from the file that it names. @throws ERR_USAGE when the file cannot be read */
export type PemReader = () => Promise<string | undefined>;

/** `<field>-data` in base64 wins over the file that `<field>` names, which is read anew each time. */
export function pemReader(fields: Fields, field: string): PemReader {
  const data = textOf(fields[`${field}-data`]);
  if (data) return async () => Buffer.from(data, 'base64').toString('utf8');
  const path = textOf(fields[field]);
  if (!path) return async () => undefined;
  const file = new CachedFile(path);
  return () =>
    file.read(true).catch((error: unknown) => {
      throw fileError(error, `unable to read ${field}`, path);
    });
}

/** Reads the Authorization header. */
export type AuthorizationReader = (wasRefused?: boolean) => Promise<AuthorizationHeaders>;

/** The token, where a file of it wins, else name and password, like in client-go. */
export function authorizationReader(user: Fields): AuthorizationReader {
  const token = textOf(user['token']);
  const path = textOf(user['tokenFile']);
  if (path) {
    const file = new CachedFile(path);
    return async (wasRefused) => bearer((await readToken(file, path, wasRefused, token)).trim() || token);
  }
  if (token) return async () => bearer(token.trim());
  const name = textOf(user['username']);
  if (!name) return async () => ({});
  const pair = Buffer.from(`${name}:${textOf(user['password']) ?? ''}`).toString('base64');
  return async () => ({ authorization: `Basic ${pair}` });
}

async function readToken(
  file: CachedFile,
  path: string,
  wasRefused?: boolean,
  token?: string,
): Promise<string> {
  return file.read(wasRefused).catch((error: unknown) => {
    if (token !== undefined) return token;
    throw fileError(error, 'unable to read tokenFile', path);
  });
}

/** The header of a token; none without one. */
export function bearer(token: string | undefined): AuthorizationHeaders {
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** Headers that say whom to act as. @throws ERR_USAGE for a group, uid or extra of nobody */
export function impersonation(user: Fields): AuthorizationHeaders {
  const groups = Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : [];
  const extra = Object.entries((user['as-user-extra'] ?? {}) as Record<string, string[]>);
  const uid = textOf(user['as-uid']);
  const headers = {
    ...(uid ? { 'impersonate-uid': uid } : {}),
    ...(groups.length > 0 ? { 'impersonate-group': groups } : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${escapedName(key)}`, values])),
  };
  const as = textOf(user['as']);
  if (as) return { 'impersonate-user': as, ...headers };
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
  return ['token', 'tokenFile', 'username'].some((field) => textOf(user[field]));
}

/** Whether a user has a client certificate with its key. */
export function hasClientCertificate(user: Fields): boolean {
  const has = (field: string) => textOf(user[`${field}-data`]) ?? textOf(user[field]);
  return Boolean(has('client-certificate') && has('client-key'));
}
