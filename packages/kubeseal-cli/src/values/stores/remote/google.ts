import { type Bytes, decodeBase64, SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../../invocation/usage-error.ts';
import { fieldsOf } from '../../../io/fields.ts';
import type { Store, StoreWorld } from '../store.ts';
import { tokenOfLogin } from './login.ts';
import { outputOf, tokenIn } from './program.ts';
import { loadedValue } from './reference.ts';
import { jsonOf, openStoreServer, refusal } from './store-server.ts';

const ADDRESS = 'https://secretmanager.googleapis.com';
/** Secret Manager has none of its own. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const NAME = /^projects\/([a-z0-9:.-]{1,64})\/secrets\/([\w-]{1,255})(?:\/versions\/([\w-]{1,64}))?$/;

/** Google Secret Manager. */
export const GOOGLE: Store = {
  usage: 'gcp-sm:projects/PROJECT/secrets/SECRET[/versions/VERSION]',
  summary: 'A secret of Google Secret Manager',
  check: (name) => void placeOf(name),
  load: async (name, world) => {
    const { project, secret, version } = placeOf(name);
    return withGoogle(world, async (read) => {
      const { value, origin } = await read(project, secret, version);
      return loadedValue(value, { name: secret, origin }, world);
    });
  },
};

/** Reads one version of a secret. */
export type GoogleReader = (
  project: string,
  secret: string,
  version: string,
) => Promise<{ readonly value: Bytes; readonly origin: string }>;

/** Opens Secret Manager for as long as something reads. @throws ERR_USAGE without a token */
export async function withGoogle<T>(world: StoreWorld, use: (read: GoogleReader) => Promise<T>): Promise<T> {
  const server = openStoreServer(ADDRESS, 'the address of Google Secret Manager', world);
  try {
    const token = await tokenOf(world.io);
    return await use(async (project, secret, version) => {
      const name = `projects/${project}/secrets/${secret}/versions/${version || 'latest'}`;
      placeOf(name);
      const origin = `${name} of Google Secret Manager`;
      const answer = await server.send(`/v1/${name}:access`, {
        headers: { authorization: `Bearer ${token}` },
      });
      if (answer.status !== 200) throw refusal(answer, origin, HINTS);
      const { data } = fieldsOf(fieldsOf(jsonOf(answer, origin))['payload']);
      if (typeof data === 'string') return { value: decodeBase64(data), origin };
      throw new SealedSecretsError('ERR_API_REJECTED', `cannot read ${origin}: the answer holds no value`);
    });
  } finally {
    await server.close();
  }
}

const HINTS = {
  401: 'the token is not valid: run gcloud auth login',
  403: 'you need the role Secret Manager Secret Accessor (roles/secretmanager.secretAccessor) on the secret',
  404: 'there is no such secret or version in this project',
  400: 'the version is disabled or destroyed, or the name is not valid',
};

function placeOf(name: string) {
  const [, project, secret, version = ''] = NAME.exec(name) ?? [];
  if (project !== undefined && secret !== undefined) return { project, secret, version };
  throw usageError(
    'gcp-sm: needs projects/PROJECT/secrets/SECRET[/versions/VERSION]',
    'such as gcp-sm:projects/shop-prod/secrets/db-password',
  );
}

async function tokenOf({ env, cwd }: StoreWorld['io']): Promise<string> {
  const given = env['GOOGLE_OAUTH_ACCESS_TOKEN'];
  if (given) return tokenIn(given, 'GOOGLE_OAUTH_ACCESS_TOKEN');
  if (env['GOOGLE_APPLICATION_CREDENTIALS'])
    return tokenOfLogin('Google Secret Manager', async (signal) => {
      const { googleToken } = await import('@fuin/cloud/google-token');
      return googleToken(SCOPE, { env }).get(signal);
    });
  const args = ['auth', 'print-access-token'];
  const hint = 'install gcloud and log in, or set GOOGLE_OAUTH_ACCESS_TOKEN';
  return tokenIn((await outputOf({ program: 'gcloud', args, env, cwd, hint })).toString('utf8'), 'gcloud');
}
