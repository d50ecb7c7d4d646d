import { EncapError } from 'hpke';
import { type Bytes, concatBytes, encodeUtf8 } from '../../bytes.ts';
import { SealedSecretsError } from '../../errors.ts';
import { compareKeyIds, nameOfKey } from '../../value/envelope-v2.ts';
import type { Recipient, SealTerms } from '../../value/key.ts';
import { sealV2, type ValueAlgorithms, type WrapperV2 } from '../../value/v2.ts';
import { PUBLIC_KEY_BYTES, SUITE_NUMBER, type Suite, suiteOf } from './suite.ts';

const KEY_ID_BYTES = 16;
const DOMAIN = encodeUtf8('fuin-key-id-v2');

/** A public key of suite 1 that values of format v2 are sealed for. */
export interface XWingRecipient extends Recipient {
  /** `v2:` and the key id in hexadecimal. */
  readonly id: string;
  /** 1,216 bytes. */
  readonly publicKey: Bytes;
  readonly wrapper: WrapperV2;
}

/**
 * The recipient of a public key.
 *
 * @param publicKey 1,216 bytes: the ML-KEM-768 key, then the X25519 key
 * @throws ERR_KEY_INVALID where the bytes are no such key
 * @example
 * ```js
 * import { importRecipient, XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
 * const recipient = await importRecipient(pair.recipient.publicKey);
 * console.log(recipient.id === pair.id, recipient.publicKey.length); // true 1216
 * ```
 */
export async function importRecipient(publicKey: Bytes, suite: Suite = suiteOf()): Promise<XWingRecipient> {
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new SealedSecretsError('ERR_KEY_INVALID', `a recipient of format v2 has ${PUBLIC_KEY_BYTES} bytes`);
  const key = await suite.hpke.DeserializePublicKey(publicKey).catch((cause: unknown) => {
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the recipient is not a key of ML-KEM-768 and X25519', {
      cause,
    });
  });
  const keyId = await keyIdOf(publicKey);
  const wrapper: WrapperV2 = {
    keyId,
    wrap: async (dataKey, info) => {
      const { encapsulatedSecret, ciphertext } = await suite.hpke
        .Seal(key, dataKey, { info })
        .catch(refuseWeakKey);
      return { encapsulation: concatBytes(encapsulatedSecret), wrappedKey: concatBytes(ciphertext) };
    },
  };
  return { publicKey, wrapper, ...recipientOf([wrapper], suite.value) };
}

/**
 * One recipient of several: each of their keys opens what is sealed for it. All of them must be of format v2:
 * a value never has a classic recipient beside post-quantum ones.
 *
 * @throws ERR_USAGE for none, more than 16 or one twice, when a value is sealed
 * @example One value for two clusters
 * ```js
 * import { encryptionLabel, KeyRing, openValue } from '@fuin/crypto-core';
 * import { groupRecipients, XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const newPair = async () => XWingKeyPair.of(await XWingKeyPair.generate());
 * const [stage, production] = [await newPair(), await newPair()];
 * const label = encryptionLabel('strict', 'shop', 'db');
 * const both = groupRecipients([stage.recipient, production.recipient]);
 * const sealed = await both.seal(new TextEncoder().encode('hunter2'), label);
 * const opened = await openValue(sealed, KeyRing.of(production), label);
 * console.log(new TextDecoder().decode(opened)); // hunter2
 * ```
 */
export function groupRecipients(recipients: readonly XWingRecipient[]): Recipient {
  return recipientOf(recipients.map(({ wrapper }) => wrapper));
}

function recipientOf(wrappers: readonly WrapperV2[], algorithms?: ValueAlgorithms): Recipient {
  const sealing = { suite: SUITE_NUMBER, wrappers, ...(algorithms ? { algorithms } : {}) };
  const ids = wrappers.map(({ keyId }) => keyId).sort(compareKeyIds);
  return {
    id: ids.map(nameOfKey).join(' '),
    format: 'v2',
    seal: (value: Uint8Array, label: Bytes, terms?: SealTerms) => sealV2(value, label, sealing, terms),
  };
}

/** 16 bytes that name a public key in values (docs/wire-format-v2.md §3). */
export async function keyIdOf(publicKey: Bytes): Promise<Bytes> {
  const bytes = concatBytes(DOMAIN, new Uint8Array([SUITE_NUMBER]), publicKey);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).slice(0, KEY_ID_BYTES);
}

/** A key whose X25519 half is a point of low order can be read, but hides nothing (RFC 7748 §6.1). */
function refuseWeakKey(cause: unknown): never {
  if (!(cause instanceof EncapError)) throw cause;
  throw new SealedSecretsError('ERR_KEY_INVALID', 'the recipient is a key that hides nothing', { cause });
}
