import { encodeBase64 } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { misconfigured, ofAnotherKey, rejected, unavailable } from '../faults.ts';
import { CALL_TIMEOUT_MS, type WrapperWorld } from '../key-wrapper.ts';
import { type Decapsulator, KEM_BYTES, SECRET_BYTES } from '../split/decapsulator.ts';
import { crc32c } from './crc32c.ts';
import { checkedBytes, damaged, kindOf, openGoogleKms, versionIn } from './google-kms.ts';

const ALGORITHM = 'KEM_XWING';
const OTHER_KIND =
  'gcloud kms keys create KEY --purpose key-encapsulation --default-algorithm kem-xwing --protection-level software';
const HINTS = {
  PERMISSION_DENIED:
    'these credentials need roles/cloudkms.decapsulator and roles/cloudkms.publicKeyViewer on the key, or there is no such key, or the API of Cloud KMS is off in the project',
  INVALID_ARGUMENT: `the key is of another kind: ${OTHER_KIND}`,
};

/**
 * A version of a key of Google Cloud KMS with the algorithm KEM_XWING: both halves of an X-Wing key pair.
 * What is sent and received is checked with CRC-32C, as Google asks for.
 *
 * @param reference projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/N
 * @param timeoutMs for tests
 * @throws ERR_USAGE
 */
export function openGoogleDecapsulator(
  reference: string,
  world: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): Decapsulator {
  if (!versionIn(reference))
    throw misconfigured(
      'gcp-kms: a split key needs the resource name of a version of a key, with the id of its project',
      'such as gcp-kms:projects/shop-prod/locations/europe-west3/keyRings/k8s/cryptoKeys/sealed-secrets/cryptoKeyVersions/1',
    );
  const kms = openGoogleKms(world, HINTS, timeoutMs);
  const { origin } = kms;
  return {
    name: `gcp-kms:${reference}`,
    holds: 'whole',
    describe: () => `key ${reference} of Google Cloud KMS`,
    publicKey: async () => {
      const answer = await kms.call(`${reference}/publicKey?publicKeyFormat=XWING_RAW_BYTES`);
      if (answer['name'] !== reference) throw ofAnotherKey(origin);
      if (answer['algorithm'] !== ALGORITHM) throw rejected(origin, 'the key is none of X-Wing', OTHER_KIND);
      const { data, crc32cChecksum } = recordOf(answer['publicKey']);
      const publicKey = checkedBytes(data, crc32cChecksum, 'public key', origin);
      if (publicKey.length === KEM_BYTES.whole.publicKey) return publicKey;
      throw unavailable(origin, 'its answer is no public key of X-Wing');
    },
    decapsulate: async (ciphertext) => {
      const answer = await kms.ask(`${reference}:decapsulate`, {
        ciphertext: encodeBase64(ciphertext),
        ciphertextCrc32c: String(crc32c(ciphertext)),
      });
      // about what was sent, and so no fault that would keep other values waiting
      if (kindOf(answer) === 'INVALID_ARGUMENT') return null;
      if (answer.status !== 200) throw kms.refused(answer);
      const { name, sharedSecret, sharedSecretCrc32c, verifiedCiphertextCrc32c } = answer.fields;
      if (name !== reference) throw ofAnotherKey(origin);
      if (verifiedCiphertextCrc32c !== true) throw damaged(origin);
      const secret = checkedBytes(sharedSecret, sharedSecretCrc32c, 'shared secret', origin);
      if (secret.length === SECRET_BYTES) return secret;
      throw unavailable(origin, 'its answer is no shared secret');
    },
    close: () => kms.close(),
  };
}
