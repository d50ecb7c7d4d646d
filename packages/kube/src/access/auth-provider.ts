import { chmod, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { SealedSecretsError } from '@fuin/crypto-core';
import { recordOf } from '../record.ts';
import { textOf } from './credentials.ts';
import type { IssuedCredentials } from './renewal.ts';
import type { Fields, UserOrigin } from './server-access.ts';

/** What client-go says of the providers it no longer has. */
const REMOVED: Readonly<Record<string, string>> = {
  gcp: 'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead',
  azure: 'Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead',
};
/** client-go takes a token for expired that much before it is. */
const LEEWAY_MS = 10_000;
/** Without one of them nothing can be renewed. */
const RENEWAL_FIELDS = ['idp-issuer-url', 'client-id', 'refresh-token'];
const LOG_IN =
  'log in again with the tool that wrote the kubeconfig; or use an exec plugin such as kubelogin';

/**
 * Makes a function that gives the token of the legacy `auth-provider: oidc` of a kubeconfig. An expired one is renewed by
 * @kubernetes/client-node, which is loaded then, and stored in the kubeconfig like client-go does: a provider that gives
 * out a new refresh token does not accept the old one again.
 */
export function askAuthProvider(
  { name, config }: Fields,
  origin: UserOrigin | undefined,
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
    const renewed = await renew(fields);
    fields = { ...fields, ...renewed };
    if (origin) await store(origin, renewed);
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

interface Tokens {
  readonly 'id-token': string;
  readonly 'refresh-token'?: string;
}

async function renew(fields: Fields): Promise<Tokens> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  // client-node leaves a token alone until its very last second; whatever is no JWT it renews
  const config: Record<string, unknown> = { ...fields, 'id-token': 'expired' };
  const kubeconfig = new KubeConfig();
  const cluster = { name: 'cluster', server: 'https://cluster.invalid', skipTLSVerify: false };
  kubeconfig.loadFromClusterAndUser(cluster, { name: 'user', authProvider: { name: 'oidc', config } });
  const options: RequestOptions = { headers: {} };
  await kubeconfig.applyToHTTPSOptions(options).catch((error: unknown) => {
    throw failure(`the id-token of the oidc auth provider cannot be renewed: ${codeOf(error)}`, LOG_IN);
  });
  const token = textOf(config['id-token']);
  if (token === undefined || token === 'expired')
    throw failure('the token response of the oidc auth provider did not contain an id_token', LOG_IN);
  const refresh = textOf(config['refresh-token']);
  return { 'id-token': token, ...(refresh !== undefined && { 'refresh-token': refresh }) };
}

/** OAuth's word for what is wrong, or that of the network; never text of the answer, which may hold a token. */
function codeOf(error: unknown): string {
  const words = [
    (error as { error?: unknown }).error,
    causeCodeOf(error),
    (error as { code?: unknown }).code,
  ];
  return (
    (words.find((word) => typeof word === 'string' && /^\w+$/.test(word)) as string | undefined) ??
    'it failed'
  );
}

function causeCodeOf(error: unknown): unknown {
  const { cause } = error as { cause?: { code?: unknown; cause?: { code?: unknown } } };
  return cause?.cause?.code ?? cause?.code;
}

/** Puts new tokens into the kubeconfig; one that cannot be written, as a mounted Secret, stays as it is. */
async function store({ file, name }: UserOrigin, tokens: Tokens): Promise<void> {
  const [{ editYaml }, { treesOf }, { parseYaml }] = await Promise.all([
    import('@fuin/manifests/edit-yaml'),
    import('@fuin/manifests/edits'),
    import('@fuin/manifests/read-yaml'),
  ]);
  const path = await realpath(file);
  const source = await readFile(path, 'utf8');
  const { users } = recordOf(parseYaml(source, file, 'any')[0]?.value);
  const index = Array.isArray(users) ? users.findIndex((user) => recordOf(user)['name'] === name) : -1;
  if (index < 0) return; // someone else rewrote the file in the meantime
  const edits = Object.entries(tokens).map(([field, text]) => ({
    document: 0,
    path: ['users', String(index), 'user', 'auth-provider', 'config', field],
    text,
  }));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, editYaml(source, treesOf(edits)), { mode: 0o600, flag: 'wx' });
    await chmod(temporary, (await stat(path)).mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (!['EACCES', 'EPERM', 'EROFS', 'EBUSY'].includes(String((error as NodeJS.ErrnoException).code)))
      throw error;
  }
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
