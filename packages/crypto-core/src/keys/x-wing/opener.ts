import { type AEADFactory, CipherSuite, type KDFFactory, type KEM, type Key, OpenError } from 'hpke';
import { type Bytes, concatBytes } from '../../bytes.ts';

/**
 * What is left of HPKE's opening (RFC 9180 §5.1, §5.2) once the KEM has given its secret: the key schedule of
 * base mode, and the AEAD for one message without additional data.
 *
 * @returns null where secret, info or ciphertext do not fit; everything else is a fault of the runtime
 */
export type Opener = (secret: Bytes, ciphertext: Bytes, info: Bytes) => Promise<Bytes | null>;

/** The KEM of suite 1 (draft-ietf-hpke-pq), which the key schedule binds by its number. */
const KEM_ID = 0x647a;
const NAME = 'MLKEM768-X25519';
const ENCAPSULATION_BYTES = 1120;

/** The secret in the place of the private key that it was decapsulated with. */
interface SecretKey extends Key {
  readonly secret: Bytes;
}

/** HPKE for a secret that was decapsulated before, with these algorithms. */
export function openerOf(kdf: KDFFactory, aead: AEADFactory): Opener {
  const hpke = new CipherSuite<SecretKey>(() => KEM_OF_SECRET, kdf, aead);
  return async (secret, ciphertext, info) => {
    const key: SecretKey = { type: 'private', algorithm: { name: NAME }, extractable: false, secret };
    try {
      return concatBytes(await hpke.Open(key, new Uint8Array(ENCAPSULATION_BYTES), ciphertext, { info }));
    } catch (error) {
      if (error instanceof OpenError) return null;
      throw error;
    }
  };
}

const never = () => Promise.reject(new Error('this KEM only gives a secret that it was given'));

const KEM_OF_SECRET: KEM<SecretKey> = {
  id: KEM_ID,
  type: 'KEM',
  name: NAME,
  Nsecret: 32,
  Nenc: ENCAPSULATION_BYTES,
  Npk: 1216,
  Nsk: 32,
  Decap: async (_encapsulation, { secret }) => secret,
  Encap: never,
  DeriveKeyPair: never,
  GenerateKeyPair: never,
  SerializePublicKey: never,
  DeserializePublicKey: never,
  SerializePrivateKey: never,
  DeserializePrivateKey: never,
};
