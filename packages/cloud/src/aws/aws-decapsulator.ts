import { type Bytes, encodeBase64 } from '@fuin/crypto-core';
import { misconfigured, rejected, unavailable } from '../faults.ts';
import { CALL_TIMEOUT_MS, type WrapperWorld } from '../key-wrapper.ts';
import { type Decapsulator, KEM_BYTES, SECRET_BYTES } from '../split/decapsulator.ts';
import { bytesIn, kindOf, openKms, refused } from './aws-wrapper.ts';

/** What stands before the bytes of an ML-KEM-768 key in DER (RFC 9935 §4). */
const SPKI_PREFIX = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
/** An alias can be pointed at another key, and then every value would be lost. */
const KEY_ARN = /:key\/[\w-]{1,256}$/;

/**
 * An ML-KEM-768 key of AWS KMS (actions GetPublicKey and Decapsulate of its API).
 *
 * @param reference ARN of the key
 * @param timeoutMs for tests
 * @throws ERR_USAGE
 */
export function openAwsDecapsulator(
  reference: string,
  world: WrapperWorld,
  timeoutMs: number = CALL_TIMEOUT_MS,
): Decapsulator {
  if (!KEY_ARN.test(reference))
    throw misconfigured(
      'aws-kms: a split key needs the ARN of a key, not of an alias',
      'such as aws-kms:arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    );
  const kms = openKms(reference, world, timeoutMs);
  return {
    name: `aws-kms:${reference}`,
    holds: 'half',
    describe: () => `key ${reference} of AWS KMS`,
    publicKey: async () => {
      const { KeySpec, KeyUsage, PublicKey } = await kms.call('GetPublicKey', {});
      if (KeySpec !== 'ML_KEM_768' || KeyUsage !== 'ENCAPSULATE_DECAPSULATE')
        throw rejected(
          kms.origin,
          'the key is none of ML-KEM-768',
          'aws kms create-key --key-spec ML_KEM_768 --key-usage ENCAPSULATE_DECAPSULATE',
        );
      return rawKeyIn(bytesIn(PublicKey, kms.origin), kms.origin);
    },
    decapsulate: async (ciphertext) => {
      const answer = await kms.ask('Decapsulate', {
        EncapsulationAlgorithm: 'ML_KEM',
        SharedSecretCiphertextBlob: encodeBase64(ciphertext),
      });
      if (kindOf(answer) === 'InvalidCiphertextException') return null;
      if (answer.status !== 200) throw refused(kms.origin, answer);
      const secret = bytesIn(answer.fields['SharedSecret'], kms.origin);
      if (secret.length === SECRET_BYTES) return secret;
      throw unavailable(kms.origin, 'its answer is no shared secret');
    },
    close: () => kms.close(),
  };
}

function rawKeyIn(der: Bytes, origin: string): Bytes {
  const isSpki = SPKI_PREFIX.equals(der.subarray(0, SPKI_PREFIX.length));
  if (isSpki && der.length === SPKI_PREFIX.length + KEM_BYTES.half.publicKey)
    return der.slice(SPKI_PREFIX.length);
  throw unavailable(origin, 'its answer is no public key of ML-KEM-768');
}
