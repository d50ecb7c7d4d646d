import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { type Bytes, decodeBase64, encodeBase64, SealedSecretsError } from '@fuin/crypto-core';
import { AwsV4Signer } from 'aws4fetch';
import { misconfigured, refusal, rejected, unavailable } from '../faults.ts';
import type { KeyContext } from '../key-context.ts';
import { CALL_TIMEOUT_MS, type KeyWrapper, type WrapperWorld } from '../key-wrapper.ts';
import { inTime } from '../server/access-token.ts';
import { type KeyAnswer, openKeyServer } from '../server/key-server.ts';

/** A whole ARN says region and account: the same name can never mean another key. */
const ARN =
  /^arn:(aws[a-z-]{0,10}):kms:([a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}):\d{12}:(?:key|alias)\/[\w/-]{1,256}$/;
/** Kinds of refusal that pass, although their status is 400. */
const TRANSIENT = [
  'ThrottlingException',
  'LimitExceededException',
  'KMSInternalException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
];
const HINTS = {
  AccessDeniedException:
    'these credentials need rights on the key, by their policy and by that of the key: kms:Encrypt and kms:Decrypt, for a split key kms:Decapsulate and kms:GetPublicKey',
  DisabledException: 'the key is disabled: aws kms enable-key',
  KMSInvalidStateException:
    'the key waits for its deletion, or its material was not imported: aws kms describe-key',
  NotFoundException: 'there is no such key in this region and account, or it was deleted',
  InvalidCiphertextException: 'this was wrapped by another key or for another key Secret, or it is damaged',
  IncorrectKeyException: 'this was wrapped by another key',
  InvalidKeyUsageException: 'the key is of another kind: aws kms describe-key',
  InvalidSignatureException: 'the secret access key is wrong, or the clock of this machine is',
  UnrecognizedClientException: 'the credentials are not valid',
  ExpiredTokenException: 'the credentials have expired',
};

/** Requests to AWS KMS about one key. */
export interface Kms {
  readonly origin: string;
  /** The answer, refusals too. @throws ERR_KEY_SERVICE_UNAVAILABLE */
  ask(action: KmsAction, fields: object): Promise<KeyAnswer>;
  /** The fields of the answer. @throws ERR_KEY_SERVICE_UNAVAILABLE, ERR_KEY_SERVICE_REJECTED */
  call(action: KmsAction, fields: object): Promise<KeyAnswer['fields']>;
  close(): Promise<void>;
}

type KmsAction = 'Encrypt' | 'Decrypt' | 'GetPublicKey' | 'Decapsulate';

/**
 * A symmetric key of AWS KMS.
 *
 * @param reference ARN of a key or an alias
 * @param timeoutMs for tests
 * @throws ERR_USAGE
 */
export function openAwsWrapper(
  reference: string,
  world: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): KeyWrapper {
  const kms = openKms(reference, world, timeoutMs);
  const inContext = (context: KeyContext) => ({ EncryptionContext: { ...context } });
  const wrap: KeyWrapper['wrap'] = async (dataKey, context) => {
    const sent = { Plaintext: encodeBase64(dataKey), ...inContext(context) };
    return bytesIn((await kms.call('Encrypt', sent))['CiphertextBlob'], kms.origin);
  };
  const unwrap: KeyWrapper['unwrap'] = async (wrapped, context) => {
    const sent = { CiphertextBlob: encodeBase64(wrapped), ...inContext(context) };
    return bytesIn((await kms.call('Decrypt', sent))['Plaintext'], kms.origin);
  };
  return {
    name: `aws-kms:${reference}`,
    describe: () => `key ${reference} of AWS KMS`,
    wrap,
    unwrap,
    rewrap: async (wrapped, context) => wrap(await unwrap(wrapped, context), context),
    close: () => kms.close(),
  };
}

/**
 * Prepares requests about a key. Credentials come from where the libraries of AWS find them: IRSA and EKS Pod
 * Identity in a Pod, profiles and the environment elsewhere.
 *
 * @param reference ARN of a key or an alias
 * @throws ERR_USAGE
 */
export function openKms(reference: string, { env }: WrapperWorld, timeoutMs: number): Kms {
  const [, partition, region = ''] = ARN.exec(reference) ?? [];
  if (region === '')
    throw misconfigured(
      'aws-kms: needs the ARN of a key or an alias',
      'such as aws-kms:arn:aws:kms:eu-central-1:111122223333:alias/sealed-secrets',
    );
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = env['AWS_ENDPOINT_URL_KMS'] || env['AWS_ENDPOINT_URL'];
  const server = openKeyServer(endpoint || `https://kms.${region}.${domain}`, 'AWS_ENDPOINT_URL_KMS', {
    env,
  });
  const credentials = credentialsFor(region, server.origin);
  const ask: Kms['ask'] = async (action, fields) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const body = JSON.stringify({ KeyId: reference, ...fields });
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    };
    const known = { ...(await credentials(signal)), service: 'kms', region };
    const signed = await new AwsV4Signer({
      ...known,
      method: 'POST',
      url: `${server.base}/`,
      headers,
      body,
    }).sign();
    return server.ask('/', { headers: Object.fromEntries(signed.headers.entries()), body, signal });
  };
  const call: Kms['call'] = async (action, fields) => {
    const answer = await ask(action, fields);
    if (answer.status === 200) return answer.fields;
    throw refused(server.origin, answer);
  };
  return { origin: server.origin, ask, call, close: () => server.close() };
}

/** The chain of AWS's own library, which renews credentials before they expire. */
function credentialsFor(region: string, origin: string) {
  const provider = defaultProvider({ clientConfig: { region } });
  const who = `${origin} (credentials)`;
  return async (signal: AbortSignal) => {
    try {
      const { accessKeyId, secretAccessKey, sessionToken } = await inTime(provider(), signal, who);
      return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    } catch (error) {
      if (error instanceof SealedSecretsError) throw error;
      throw rejected(who, wordOf(error), CREDENTIALS_HINT);
    }
  };
}

const CREDENTIALS_HINT =
  'annotate the service account with a role (IRSA), associate one with it (EKS Pod Identity), or log in';

/** The name of an error of AWS's library. Its text may quote a token. */
function wordOf(error: unknown): string {
  const { name = '' } = error as { name?: string };
  return /^[A-Za-z]{1,60}$/.test(name) ? `there are none: ${name}` : 'there are none';
}

/** The word by which KMS names the kind of a refusal. */
export function kindOf({ fields }: KeyAnswer): string | undefined {
  return /([A-Za-z]{1,100})$/.exec(String(fields['__type'] ?? ''))?.[1];
}

/** The error for an answer that is none. */
export function refused(origin: string, answer: KeyAnswer): SealedSecretsError {
  const kind = kindOf(answer);
  const isTransient = kind !== undefined && TRANSIENT.includes(kind);
  const { status, retryAfterMs } = answer;
  return refusal(origin, { status: isTransient ? 429 : status, retryAfterMs }, HINTS, kind);
}

/** Bytes out of an answer. @throws ERR_KEY_SERVICE_UNAVAILABLE */
export function bytesIn(base64: unknown, origin: string): Bytes {
  try {
    return decodeBase64(String(base64));
  } catch {
    throw unavailable(origin, 'its answer is not base64');
  }
}
