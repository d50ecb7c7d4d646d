import { type Bytes, decodeBase64, encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
import { misconfigured, ofAnotherKey, rejected } from '../faults.ts';
import { contextBytes, type KeyContext } from '../key-context.ts';
import { CALL_TIMEOUT_MS, type KeyWrapper, type WrapperWorld } from '../key-wrapper.ts';
import { crc32c } from './crc32c.ts';
import { checkedBytes, damaged, isKeyName, openGoogleKms, versionIn } from './google-kms.ts';

/** Version of the key, and what Google made of the data key. */
const WRAPPED = /^gcp-kms:v(\d{1,18}):([A-Za-z0-9+/]+=*)$/;
const HINTS = {
  PERMISSION_DENIED:
    'these credentials need roles/cloudkms.cryptoKeyEncrypterDecrypter on the key, or there is no such key, or the API of Cloud KMS is off in the project',
  INVALID_ARGUMENT:
    'this was wrapped by another key or for another key Secret, or it is damaged, or the key is not symmetric',
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
  world: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): KeyWrapper {
  if (!isKeyName(reference))
    throw misconfigured(
      'gcp-kms: needs the resource name of a key, with the id of its project',
      'such as gcp-kms:projects/shop-prod/locations/europe-west3/keyRings/k8s/cryptoKeys/sealed-secrets',
    );
  const kms = openGoogleKms(world, HINTS, timeoutMs);
  const { origin } = kms;
  const call = (action: 'encrypt' | 'decrypt', fields: Fields, context: KeyContext) => {
    const aad = contextBytes(context);
    return kms.call(`${reference}:${action}`, {
      ...fields,
      additionalAuthenticatedData: encodeBase64(aad),
      additionalAuthenticatedDataCrc32c: String(crc32c(aad)),
    });
  };
  const wrap: KeyWrapper['wrap'] = async (dataKey, context) => {
    const sent = { plaintext: encodeBase64(dataKey), plaintextCrc32c: String(crc32c(dataKey)) };
    const answer = await call('encrypt', sent, context);
    const used = versionIn(answer['name']);
    if (used?.key !== reference) throw ofAnotherKey(origin);
    const isVerified = answer['verifiedPlaintextCrc32c'] === true;
    if (!isVerified || answer['verifiedAdditionalAuthenticatedDataCrc32c'] !== true) throw damaged(origin);
    const ciphertext = checkedBytes(answer['ciphertext'], answer['ciphertextCrc32c'], 'ciphertext', origin);
    return encodeUtf8(`gcp-kms:v${used.version}:${encodeBase64(ciphertext)}`);
  };
  const unwrap: KeyWrapper['unwrap'] = async (wrapped, context) => {
    const ciphertext = ciphertextIn(wrapped, origin);
    const sent = {
      ciphertext: encodeBase64(ciphertext),
      ciphertextCrc32c: String(crc32c(ciphertext)),
    };
    const { plaintext, plaintextCrc32c } = await call('decrypt', sent, context);
    return checkedBytes(plaintext, plaintextCrc32c, 'plaintext', origin);
  };
  return {
    name: `gcp-kms:${reference}`,
    describe: () => `key ${reference} of Google Cloud KMS`,
    wrap,
    unwrap,
    rewrap: async (wrapped, context) => wrap(await unwrap(wrapped, context), context),
    close: () => kms.close(),
  };
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
