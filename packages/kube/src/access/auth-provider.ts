import { SealedSecretsError } from '@fuin/crypto-core';
import type { Fields } from './current-context.ts';

/** What client-go says of the providers it no longer has. */
const REMOVED: Readonly<Record<string, string>> = {
  gcp: 'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead',
  azure: 'Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead',
};
/** client-go takes a token for expired that much before it is. */
const LEEWAY_MS = 10_000;
const RENEW =
  'run any kubectl command, which renews the token and stores it in the kubeconfig; or use an exec plugin such as kubelogin. It is not renewed here: the provider may give out a new refresh token, and who does not store that locks you out';

/**
 * The token that the legacy `auth-provider: oidc` of a kubeconfig holds.
 *
 * @throws ERR_USAGE when it has expired, and for any other provider
 */
export function providedToken(provider: Fields, now: Date): string {
  const name = String(provider['name'] ?? '');
  if (name !== 'oidc') {
    const hint = REMOVED[name];
    throw failure(
      hint ? `The ${name} auth plugin has been removed.` : `no Auth Provider found for name "${name}"`,
      hint,
    );
  }
  const token = (provider['config'] as Fields | undefined)?.['id-token'];
  if (typeof token !== 'string' || token === '')
    throw failure('the oidc auth provider has no id-token', RENEW);
  const expiry = expiryOf(token);
  if (expiry === undefined)
    throw failure('the id-token of the oidc auth provider is no JWT with an expiry', RENEW);
  if (expiry - LEEWAY_MS > now.getTime()) return token;
  throw failure(`the id-token of the oidc auth provider expired at ${new Date(expiry).toISOString()}`, RENEW);
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
