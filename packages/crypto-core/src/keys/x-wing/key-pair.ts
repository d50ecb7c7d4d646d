import { NotSupportedError, ValidationError } from 'hpke';
import { type Bytes, concatBytes } from '../../bytes.ts';
import { SealedSecretsError } from '../../errors.ts';
import { compareKeyIds } from '../../value/envelope-v2.ts';
import { type Envelope, parseEnvelope } from '../../value/format-table.ts';
import type { KeyPair, SealTerms } from '../../value/key.ts';
import { openV2 } from '../../value/v2.ts';
import { importRecipient, type XWingRecipient } from './recipient.ts';
import { SEED_BYTES, SUITE_NUMBER, type Suite, suiteOf } from './suite.ts';

/** Of the KEM. */
const SECRET_BYTES = 32;

/** A key pair as it is kept: a seed of 32 bytes, which is secret, and a public key of 1,216. */
export interface KeyMaterial {
  readonly seed: Bytes;
  readonly publicKey: Bytes;
}

/**
 * Gives the secret of the KEM, 32 bytes, for an encapsulation of 1,120 bytes, with a private key wherever it
 * is. The caller zeroes what it gets. Null says that the encapsulation is none; a wrong one mostly gives a
 * wrong secret, which opens nothing. A rejection is a fault of the key, such as a service that does not
 * answer.
 */
export type Decapsulate = (encapsulation: Bytes) => Promise<Bytes | null>;

/**
 * A private key of suite 1 with its recipient. The private key stays in here.
 *
 * @example
 * ```js
 * import { encryptionLabel, KeyRing, openValue } from '@fuin/crypto-core';
 * import { XWingKeyPair } from '@fuin/crypto-core/v2';
 *
 * const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
 * const label = encryptionLabel('strict', 'shop', 'db');
 * const sealed = await pair.recipient.seal(new TextEncoder().encode('hunter2'), label);
 * const opened = await openValue(sealed, KeyRing.of(pair), label);
 * console.log(new TextDecoder().decode(opened), sealed.length); // hunter2 1310
 * ```
 */
export class XWingKeyPair implements KeyPair {
  readonly id: string;
  readonly format = 'v2';
  readonly recipient: XWingRecipient;
  readonly #suite: Suite;
  readonly #decapsulate: Decapsulate;

  private constructor(recipient: XWingRecipient, decapsulate: Decapsulate, suite: Suite) {
    this.id = recipient.id;
    this.recipient = recipient;
    this.#decapsulate = decapsulate;
    this.#suite = suite;
  }

  /** Draws a new key pair. The caller keeps the seed and zeroes it. */
  static async generate({ hpke }: Suite = suiteOf()): Promise<KeyMaterial> {
    const { privateKey, publicKey } = await hpke.GenerateKeyPair(true);
    return {
      seed: concatBytes(await hpke.SerializePrivateKey(privateKey)),
      publicKey: concatBytes(await hpke.SerializePublicKey(publicKey)),
    };
  }

  /**
   * The key pair of a seed and its public key. Both are given, because not every runtime can derive the
   * latter from the former; they are tried once, and must fit.
   *
   * @param seed the serialized private key of HPKE; the caller zeroes it
   * @throws ERR_KEY_INVALID
   */
  static async of({ seed, publicKey }: KeyMaterial, suite: Suite = suiteOf()): Promise<XWingKeyPair> {
    if (seed.length !== SEED_BYTES)
      throw new SealedSecretsError('ERR_KEY_INVALID', `the seed of a key has ${SEED_BYTES} bytes`);
    const recipient = await importRecipient(publicKey, suite);
    const privateKey = await suite.hpke.DeserializePrivateKey(concatBytes(seed), false);
    const key = await suite.hpke.DeserializePublicKey(publicKey);
    const decapsulate: Decapsulate = async (encapsulation) => {
      try {
        return concatBytes(await suite.kem.Decap(encapsulation, privateKey, key));
      } catch (error) {
        if (error instanceof ValidationError || error instanceof NotSupportedError) throw error;
        return null;
      }
    };
    const pair = new XWingKeyPair(recipient, decapsulate, suite);
    if (await pair.isSound()) return pair;
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the seed does not belong to the public key');
  }

  /**
   * A key pair whose private key is elsewhere, whole or in part. Nothing is asked yet, so nothing is proven:
   * `isSound` does that.
   *
   * @throws ERR_KEY_INVALID for bytes that are no public key
   */
  static async heldBy(
    decapsulate: Decapsulate,
    publicKey: Bytes,
    suite: Suite = suiteOf(),
  ): Promise<XWingKeyPair> {
    return new XWingKeyPair(await importRecipient(publicKey, suite), decapsulate, suite);
  }

  /** Whether the key opens what is sealed for it. Rejects with a fault of what holds the private key. */
  async isSound(): Promise<boolean> {
    const probe = parseEnvelope(await this.seal(new Uint8Array(), new Uint8Array()));
    return (await this.open(probe, new Uint8Array(), '')) !== null;
  }

  mayOpen(envelope: Envelope): boolean {
    return this.#entryIn(envelope) !== undefined;
  }

  async open(envelope: Envelope, label: Bytes, item: string): Promise<Bytes | null> {
    const entry = this.#entryIn(envelope);
    if (envelope.format !== 'v2' || !entry) return null;
    const { open, value } = this.#suite;
    const unwrap = async (info: Bytes) => {
      const secret = await this.#decapsulate(entry.encapsulation);
      if (secret?.length !== SECRET_BYTES) return null;
      try {
        return await open(secret, entry.wrappedKey, info);
      } finally {
        secret.fill(0);
      }
    };
    return openV2(envelope, { label, item }, unwrap, value);
  }

  seal(value: Uint8Array, label: Bytes, terms?: SealTerms): Promise<Bytes> {
    return this.recipient.seal(value, label, terms);
  }

  #entryIn(envelope: Envelope) {
    if (envelope.format !== 'v2' || envelope.suite !== SUITE_NUMBER) return undefined;
    const { keyId } = this.recipient.wrapper;
    return envelope.recipients.find((entry) => compareKeyIds(entry.keyId, keyId) === 0);
  }
}
