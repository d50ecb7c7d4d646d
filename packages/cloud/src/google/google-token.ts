import { SealedSecretsError } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { type AuthClient, Compute, GoogleAuth } from 'google-auth-library';
import { refusal, rejected, unavailable } from '../faults.ts';
import type { WrapperWorld } from '../key-wrapper.ts';
import { AccessToken } from '../server/access-token.ts';

const HINTS = {
  invalid_grant: 'the key of the service account was deleted, or the clock of this machine is wrong',
  invalid_target: 'the audience in the credential configuration names no provider of workload identity',
  403: 'the service account of the Pod may not act as the Google service account: roles/iam.workloadIdentityUser',
  404: 'the node gives no token: switch on workload identity for its node pool',
};
const NO_CREDENTIALS =
  'use workload identity in GKE, set GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login';
const NO_CONNECTION = /^E(CONN|NOTFOUND|AI_|TIMEDOUT|HOST|NET|PIPE)/;

/**
 * Tokens of Google, from where its own library finds them: the file that GOOGLE_APPLICATION_CREDENTIALS
 * names (key of a service account, external account), the metadata server of a Pod or machine, or the login
 * of gcloud. The library reads the environment of the process.
 *
 * @param scope what they are good for
 */
export function googleToken(scope: string, { env }: WrapperWorld): AccessToken {
  const who = 'of Google (credentials)';
  const given = env['GOOGLE_OAUTH_ACCESS_TOKEN'];
  if (given) return new AccessToken(who, async () => given);
  let client: AuthClient | undefined;
  return new AccessToken(who, async (isRenewal) => {
    try {
      if (isRenewal || !client) client = await newClient(scope, env);
      const { token } = await client.getAccessToken();
      if (token) return token;
      throw rejected(who, 'there are none', NO_CREDENTIALS);
    } catch (error) {
      client = undefined; // what it keeps is of no use
      throw error instanceof SealedSecretsError ? error : failureOf(error, who);
    }
  });
}

/**
 * In a Pod, the metadata server is not looked for first: the library would remember for ever that it was not
 * there, and in GKE it answers only some seconds after a Pod has started.
 */
async function newClient(scope: string, env: WrapperWorld['env']): Promise<AuthClient> {
  // without a project the library asks Google for one, which nothing here needs
  const options = { scopes: [scope], projectId: 'none' };
  const isPod = Boolean(env['KUBERNETES_SERVICE_HOST']) && !env['GOOGLE_APPLICATION_CREDENTIALS'];
  return isPod ? new Compute(options) : new GoogleAuth(options).getClient();
}

/** Says nothing that the library says: its texts may quote a key or a token. */
function failureOf(error: unknown, who: string): SealedSecretsError {
  const { code, response } = Object(error) as { readonly code?: unknown; readonly response?: unknown };
  const { status, data } = recordOf(response);
  if (typeof status === 'number') {
    const { error: kind } = recordOf(data);
    return refusal(who, { status }, HINTS, typeof kind === 'string' ? kind : undefined);
  }
  if (typeof code === 'string' && NO_CONNECTION.test(code)) return unavailable(who, code, NO_CREDENTIALS);
  return rejected(who, 'there are none that can be used', NO_CREDENTIALS);
}
