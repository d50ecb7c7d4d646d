import type { Bytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { Recipient, SealTerms } from '../value/key.ts';
import { sealV1 } from '../value/v1.ts';
import { fingerprintOf } from './fingerprint.ts';
import { importPublicKey, wrapSessionKey } from './rsa-oaep.ts';

/** Seals values of upstream's format for an RSA public key; its id is the key's fingerprint. */
export class RsaRecipient implements Recipient {
  readonly id: string;
  readonly format = 'v1';
  readonly #publicKey: CryptoKey;

  private constructor(id: string, publicKey: CryptoKey) {
    this.id = id;
    this.#publicKey = publicKey;
  }

  /** @param publicKey an extractable RSA public key that may encrypt with RSA-OAEP and SHA-256 */
  static async of(publicKey: CryptoKey): Promise<RsaRecipient> {
    return new RsaRecipient(await fingerprintOf(publicKey), publicKey);
  }

  /** @throws ERR_KEY_INVALID as importPublicKey */
  static async ofSpki(spki: Bytes): Promise<RsaRecipient> {
    return RsaRecipient.of(await importPublicKey(spki));
  }

  async seal(value: Uint8Array, label: Bytes, terms: SealTerms = {}): Promise<Bytes> {
    if (terms.item !== undefined || terms.expiresAt !== undefined)
      throw new SealedSecretsError(
        'ERR_USAGE',
        'a value for an RSA key can be bound to no item and has no expiry',
      );
    return sealV1(value, (sessionKey) => wrapSessionKey(sessionKey, this.#publicKey, label));
  }

  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of the public key, in DER. */
  async exportSpki(): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.exportKey('spki', this.#publicKey));
  }
}
