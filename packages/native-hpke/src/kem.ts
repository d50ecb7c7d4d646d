import {
  createHash,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { type KEM, type KEMFactory, type Key, LabeledDerive, ValidationError } from 'hpke';
import {
  CURVE_BYTES,
  combine,
  curvePublic,
  DER,
  PQ_CIPHERTEXT_BYTES,
  PQ_PUBLIC_BYTES,
  privateFrom,
  rawPublic,
} from './halves.ts';

const NAME = 'MLKEM768-X25519';
const ID = 0x647a;
const SEED_BYTES = 32;
const PQ_SEED_BYTES = 64;

/** A public key: both halves, and their bytes. */
interface NativePublicKey extends Key {
  readonly pq: KeyObject;
  readonly curve: KeyObject;
  readonly bytes: Buffer;
}

/** A private key. Its seed is kept only where it may be extracted. */
interface NativePrivateKey extends Key {
  readonly pq: KeyObject;
  readonly curve: KeyObject;
  readonly seed: Buffer | undefined;
  readonly publicKey: NativePublicKey;
}

type NativeKey = NativePublicKey | NativePrivateKey;

/**
 * MLKEM768-X25519 (draft-ietf-hpke-pq, KEM 0x647A) by node:crypto.
 */
export const nativeKem: KEMFactory<NativeKey> = () => KEM_BY_OPENSSL;

const KEM_BY_OPENSSL: KEM<NativeKey> = {
  id: ID,
  type: 'KEM',
  name: NAME,
  Nsecret: 32,
  Nenc: PQ_CIPHERTEXT_BYTES + CURVE_BYTES,
  Npk: PQ_PUBLIC_BYTES + CURVE_BYTES,
  Nsk: SEED_BYTES,
  async DeriveKeyPair(ikm, extractable) {
    const kdf = { Derive: async (labeled: Uint8Array, length: number) => shake256(labeled, length) };
    const suiteId = Buffer.from([...Buffer.from('KEM'), ID >> 8, ID & 0xff]);
    const label = Buffer.from('DeriveKeyPair');
    const seed = await LabeledDerive(kdf, suiteId, ikm, label, new Uint8Array(), SEED_BYTES);
    return pairOf(privateKeyOf(seed, extractable));
  },
  GenerateKeyPair: async (extractable) => pairOf(privateKeyOf(randomBytes(SEED_BYTES), extractable)),
  SerializePublicKey: async (key) => Uint8Array.from(publicOf(key).bytes),
  DeserializePublicKey: async (bytes) => publicKeyOf(bytes),
  async SerializePrivateKey(key) {
    if (!isPrivate(key) || !key.seed) throw new ValidationError('the private key cannot be extracted');
    return Uint8Array.from(key.seed);
  },
  DeserializePrivateKey: async (seed, extractable) => privateKeyOf(seed, extractable),
  async Encap(recipient) {
    const { pq, curve, bytes } = publicOf(recipient);
    const { sharedKey, ciphertext } = encapsulate(pq);
    const ephemeral = generateKeyPairSync('x25519');
    const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: curve });
    const point = rawPublic(ephemeral.publicKey);
    return {
      shared_secret: combine(sharedKey, shared, point, bytes),
      enc: Uint8Array.from(Buffer.concat([ciphertext, point])),
    };
  },
  async Decap(enc, key) {
    if (!isPrivate(key)) throw new ValidationError('a private key is needed');
    const point = Buffer.from(enc.subarray(PQ_CIPHERTEXT_BYTES));
    const sharedKey = decapsulate(key.pq, enc.subarray(0, PQ_CIPHERTEXT_BYTES));
    const shared = diffieHellman({ privateKey: key.curve, publicKey: curvePublic(point) });
    return combine(sharedKey, shared, point, key.publicKey.bytes);
  },
};

/** @throws ValidationError for bytes that are no key */
function publicKeyOf(bytes: Uint8Array): NativePublicKey {
  const own = Buffer.from(bytes);
  const [pq, point] = [own.subarray(0, PQ_PUBLIC_BYTES), own.subarray(PQ_PUBLIC_BYTES)];
  try {
    const key = Buffer.concat([DER.pqPublic, pq]);
    return {
      algorithm: { name: NAME },
      type: 'public',
      extractable: true,
      pq: createPublicKey({ key, format: 'der', type: 'spki' }),
      curve: curvePublic(point),
      bytes: own,
    };
  } catch (cause) {
    throw new ValidationError('the public key is invalid', { cause });
  }
}

function privateKeyOf(seed: Uint8Array, extractable: boolean): NativePrivateKey {
  const expanded = Buffer.from(shake256(seed, PQ_SEED_BYTES + CURVE_BYTES));
  const [pqSeed, scalar] = [expanded.subarray(0, PQ_SEED_BYTES), expanded.subarray(PQ_SEED_BYTES)];
  const pq = privateFrom(DER.pqPrivate, pqSeed);
  const curve = privateFrom(DER.curvePrivate, scalar);
  expanded.fill(0);
  const bytes = Buffer.concat([rawPublic(createPublicKey(pq)), rawPublic(createPublicKey(curve))]);
  return {
    algorithm: { name: NAME },
    type: 'private',
    extractable,
    pq,
    curve,
    seed: extractable ? Buffer.from(seed) : undefined,
    publicKey: publicKeyOf(bytes),
  };
}

function shake256(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from(createHash('shake256', { outputLength: length }).update(bytes).digest());
}

function isPrivate(key: NativeKey): key is NativePrivateKey {
  return key.type === 'private';
}

function publicOf(key: NativeKey): NativePublicKey {
  return isPrivate(key) ? key.publicKey : key;
}

function pairOf(privateKey: NativePrivateKey) {
  return { privateKey, publicKey: privateKey.publicKey };
}
