import { type Bytes, decodeBase64, encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { misconfigured, refusal, rejected, unavailable } from '../faults.ts';
import { contextBytes, type KeyContext } from '../key-context.ts';
import { CALL_TIMEOUT_MS, type KeyWrapper, type WrapperWorld } from '../key-wrapper.ts';
import { askAs } from '../server/access-token.ts';
import { openKeyServer } from '../server/key-server.ts';
import { crc32c } from './crc32c.ts';
import { googleToken } from './google-token.ts';

/** Project by its id: Google answers with the id, and an answer for another key must be noticed. */
const KEY =
  /^projects\/(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]\/locations\/[a-z0-9-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
/** Version of the key, and what Google made of the data key. */
const WRAPPED = /^gcp-kms:v(\d{1,18}):([A-Za-z0-9+/]+=*)$/;
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS';
const HINTS = {
  PERMISSION_DENIED:
    'these credentials need roles/cloudkms.cryptoKeyEncrypterDecrypter on the key, or there is no such key, or the API of Cloud KMS is off in the project',
  NOT_FOUND: 'there is no such key in this location and key ring',
  FAILED_PRECONDITION:
    'the version of the key is disabled, or destroyed, or waits for that: gcloud kms keys versions list',
  INVALID_ARGUMENT:
    'this was wrapped by another key or for another key Secret, or it is damaged, or the key is not symmetric',
  RESOURCE_EXHAUSTED: 'a quota of the project is used up',
  UNAUTHENTICATED: 'the token is not valid, or the clock of this machine is wrong',
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * A symmetric key of Google Cloud KMS. What is sent and received is checked with CRC-32C, as Google asks for
 * (cloud.google.com/kms/docs/data-integrity-guidelines).
 *
 * @param reference projects/P/locations/L/keyRings/R/cryptoKeys/K
 * @param timeoutMs for tests
 * @throws ERR_USAGE
 */
export function openGoogleWrapper(
  reference: string,
  { env }: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): KeyWrapper {
  if (!KEY.test(reference))
    throw misconfigured(
      'gcp-kms: needs the resource name of a key, with the id of its project',
      'such as gcp-kms:projects/shop-prod/locations/europe-west3/keyRings/k8s/cryptoKeys/sealed-secrets',
    );
  const server = openKeyServer(env[ENDPOINT] || 'https://cloudkms.googleapis.com', ENDPOINT, { env });
  const { origin } = server;
  const token = googleToken(SCOPE, { env });
  const call = async (action: 'encrypt' | 'decrypt', fields: Fields, context: KeyContext) => {
    const aad = contextBytes(context);
    const checked = {
      ...fields,
      additionalAuthenticatedData: encodeBase64(aad),
      additionalAuthenticatedDataCrc32c: String(crc32c(aad)),
    };
    const answer = await askAs(token, server, `/v1/${reference}:${action}`, {
      body: JSON.stringify(checked),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status === 200) return answer.fields;
    throw refusal(origin, answer, HINTS, String(recordOf(answer.fields['error'])['status'] ?? ''));
  };
  const wrap: KeyWrapper['wrap'] = async (dataKey, context) => {
    const sent = { plaintext: encodeBase64(dataKey), plaintextCrc32c: String(crc32c(dataKey)) };
    const answer = await call('encrypt', sent, context);
    const version = versionIn(answer, reference, origin);
    const isVerified = answer['verifiedPlaintextCrc32c'] === true;
    if (!isVerified || answer['verifiedAdditionalAuthenticatedDataCrc32c'] !== true) throw damaged(origin);
    return encodeUtf8(`gcp-kms:v${version}:${encodeBase64(bytesIn(answer, 'ciphertext', origin))}`);
  };
  const unwrap: KeyWrapper['unwrap'] = async (wrapped, context) => {
    const ciphertext = ciphertextIn(wrapped, origin);
    const sent = {
      ciphertext: encodeBase64(ciphertext),
      ciphertextCrc32c: String(crc32c(ciphertext)),
    };
    return bytesIn(await call('decrypt', sent, context), 'plaintext', origin);
  };
  return {
    name: `gcp-kms:${reference}`,
    describe: () => `key ${reference} of Google Cloud KMS`,
    wrap,
    unwrap,
    rewrap: async (wrapped, context) => wrap(await unwrap(wrapped, context), context),
    close: () => server.close(),
  };
}

/** The version that encrypted: the answer names it, and it must be one of the key that was asked for. */
function versionIn({ name }: Fields, reference: string, origin: string): string {
  const [, key, version] = /^(.{1,512})\/cryptoKeyVersions\/(\d{1,18})$/.exec(String(name ?? '')) ?? [];
  if (key === reference && version !== undefined) return version;
  throw rejected(origin, 'it answers for another key than it was asked for');
}

function ciphertextIn(wrapped: Bytes, origin: string): Bytes {
  const [, , ciphertext = ''] = WRAPPED.exec(Buffer.from(wrapped).toString('latin1')) ?? [];
  try {
    if (ciphertext !== '') return decodeBase64(ciphertext);
  } catch {
    // the same as something else
  }
  throw rejected(origin, 'this was not wrapped by Google Cloud KMS');
}

/** A field of an answer that has the checksum beside it. */
function bytesIn(answer: Fields, field: 'plaintext' | 'ciphertext', origin: string): Bytes {
  let bytes: Bytes;
  try {
    bytes = decodeBase64(String(answer[field] ?? ''));
  } catch {
    throw unavailable(origin, `its answer holds no ${field}`);
  }
  // 64-bit numbers are strings in Google's JSON
  if (String(answer[`${field}Crc32c`]) !== String(crc32c(bytes))) throw damaged(origin);
  return bytes;
}

/** Google asks to discard such an answer and to ask again. */
function damaged(origin: string) {
  return unavailable(origin, 'what it received or sent was damaged on the way: checksums differ');
}
