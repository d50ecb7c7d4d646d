import { homedir } from 'node:os';
import { join } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../../invocation/usage-error.ts';
import { type Fields, fieldsOf } from '../../../io/fields.ts';
import { readInput } from '../../../io/files.ts';
import { parseJson } from '../../json-items.ts';
import type { StoreWorld } from '../store.ts';
import { outputOf } from './program.ts';
import { jsonOf, openStoreServer } from './store-server.ts';

/** The services that hold values: how AWS names them in addresses and variables, and in requests. */
const SERVICES = {
  secretsmanager: { variable: 'AWS_ENDPOINT_URL_SECRETS_MANAGER', target: 'secretsmanager' },
  ssm: { variable: 'AWS_ENDPOINT_URL_SSM', target: 'AmazonSSM' },
} as const;
const REGION = /^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$/;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** One service of AWS in one region, as the user of this machine. */
export interface AwsService {
  readonly region: string;
  /** @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED naming the kind of refusal, never the message of AWS */
  call(action: string, body: Fields, what: string): Promise<Fields>;
}

/**
 * Opens a service for as long as something reads.
 *
 * @param asked the region; empty means the one of the environment or the profile
 * @throws ERR_USAGE without region or credentials
 */
export async function withAws<T>(
  service: keyof typeof SERVICES,
  asked: string,
  world: StoreWorld,
  use: (aws: AwsService) => Promise<T>,
): Promise<T> {
  const { env } = world.io;
  const profile = await profileOf(world.io);
  const region = asked || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || profile['region'] || '';
  if (!REGION.test(region))
    throw usageError('the region of AWS is missing', 'set AWS_REGION, such as eu-central-1');
  const { variable, target } = SERVICES[service];
  const endpoint = env[variable] || env['AWS_ENDPOINT_URL'];
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const address = endpoint || `https://${service}.${region}.${suffix}`;
  const server = openStoreServer(address, endpoint ? 'AWS_ENDPOINT_URL' : 'the address of AWS', world);
  try {
    const credentials = await credentialsOf(profile, world.io);
    const { AwsV4Signer } = await import('aws4fetch');
    return await use({
      region,
      call: async (action, fields, what) => {
        const body = JSON.stringify(fields);
        const headers = {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `${target}.${action}`,
        };
        const request = {
          ...credentials,
          method: 'POST',
          url: `${server.base}/`,
          headers,
          body,
          service,
          region,
        };
        const signed = await new AwsV4Signer(request).sign();
        const answer = await server.send('/', {
          method: 'POST',
          headers: Object.fromEntries(signed.headers.entries()),
          body,
        });
        if (answer.status === 200) return fieldsOf(jsonOf(answer, what));
        throw refused(fieldsOf(parseJson(Buffer.from(answer.body).toString('utf8'))), answer.status, what);
      },
    });
  } finally {
    await server.close();
  }
}

const HINTS: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'the policy of these credentials does not allow it: secretsmanager:GetSecretValue, or ssm:GetParameter and ssm:GetParametersByPath, and kms:Decrypt where a key of your own encrypts',
  ResourceNotFoundException: 'there is no such secret, or no such version, in this region and account',
  ParameterNotFound:
    'there is no such parameter in this region; a / at the end reads all parameters of a path',
  InvalidSignatureException: 'the secret access key is not the one of the access key',
  UnrecognizedClientException: 'the credentials are not valid: log in again',
  ExpiredTokenException: 'the credentials have expired: log in again',
};

function refused({ __type }: Fields, status: number, what: string): SealedSecretsError {
  const [, type = `status ${status}`] = /([A-Za-z]{1,100})$/.exec(String(__type ?? '')) ?? [];
  const hint = Object.hasOwn(HINTS, type) ? HINTS[type] : undefined;
  return new SealedSecretsError(
    status >= 500 || status === 429 ? 'ERR_API_UNAVAILABLE' : 'ERR_API_REJECTED',
    `cannot read ${what}: AWS answered ${type}`,
    hint === undefined ? {} : { hint },
  );
}

type Profile = Readonly<Record<string, string>>;

/** What the files of AWS say of the profile that the environment names. */
async function profileOf({ env, cwd }: Pick<StoreWorld['io'], 'env' | 'cwd'>): Promise<Profile> {
  const name = env['AWS_PROFILE'] || 'default';
  const home = join(env['HOME'] || homedir(), '.aws');
  const read = async (file: string) =>
    Buffer.from(await readInput(cwd, file).catch(() => new Uint8Array())).toString('utf8');
  const config = await read(env['AWS_CONFIG_FILE'] || join(home, 'config'));
  const credentials = await read(env['AWS_SHARED_CREDENTIALS_FILE'] || join(home, 'credentials'));
  const section = name === 'default' ? name : `profile ${name}`;
  return { ...sectionOf(config, section), ...sectionOf(credentials, name) };
}

/** The settings below `[name]`. */
function sectionOf(text: string, name: string): Profile {
  const settings = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const [, title] = /^\[\s*(.*?)\s*\]/.exec(line) ?? [];
    const [, key, value] = /^(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (title !== undefined) section = title;
    else if (section === name && key !== undefined) settings.set(key, value ?? '');
  }
  return Object.fromEntries(settings);
}

/** The credentials of the environment, else of the profile, else what the program aws gets for it. */
async function credentialsOf(
  profile: Profile,
  io: Pick<StoreWorld['io'], 'env' | 'cwd'>,
): Promise<Credentials> {
  const { env, cwd } = io;
  const fromEnv = credentialsIn({
    AccessKeyId: env['AWS_ACCESS_KEY_ID'],
    SecretAccessKey: env['AWS_SECRET_ACCESS_KEY'],
    SessionToken: env['AWS_SESSION_TOKEN'],
  });
  // keys beside a role are for getting that role, which the program aws does
  const fromProfile = credentialsIn({
    AccessKeyId: profile['role_arn'] === undefined ? profile['aws_access_key_id'] : undefined,
    SecretAccessKey: profile['aws_secret_access_key'],
    SessionToken: profile['aws_session_token'],
  });
  const known = fromEnv ?? fromProfile;
  if (known) return known;
  const output = await outputOf({
    program: 'aws',
    args: ['configure', 'export-credentials', '--format', 'process'],
    env,
    cwd,
    hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install version 2 of the AWS command line, which knows every way of logging in',
  });
  const exported = credentialsIn(fieldsOf(parseJson(output.toString('utf8'))));
  if (exported) return exported;
  throw usageError('there are no credentials for AWS', 'run aws sso login, or set AWS_ACCESS_KEY_ID');
}

function credentialsIn(fields: Fields): Credentials | undefined {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = fields;
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') return undefined;
  if (accessKeyId === '' || secretAccessKey === '') return undefined;
  const isSession = typeof sessionToken === 'string' && sessionToken !== '';
  return { accessKeyId, secretAccessKey, ...(isSession ? { sessionToken } : {}) };
}
