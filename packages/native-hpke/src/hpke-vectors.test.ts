import { createHash, createPrivateKey, decapsulate } from 'node:crypto';
import {
  AEAD_ChaCha20Poly1305,
  CipherSuite,
  KDF_HKDF_SHA256,
  KDF_SHAKE256,
  KEM_MLKEM768_X25519,
  type KEMFactory,
} from 'hpke';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../test/vectors/read.ts';
import { splitDecapsulation } from './index.ts';
import { nativeKdf } from './kdf.ts';
import { nativeKem } from './kem.ts';

type Hex<Names extends string> = Readonly<Record<Names, string>>;
type Vector = Hex<'info' | 'ikmR' | 'skRm' | 'pkRm' | 'enc' | 'shared_secret'> & {
  readonly kdf_id: number;
  readonly encryptions: readonly Hex<'aad' | 'ct' | 'pt'>[];
};

const VECTORS = JSON.parse(readVector('hpke-pq/mlkem768-x25519.json')) as readonly Vector[];
const PKCS8_PREFIX = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const toHex = (part: Uint8Array) => Buffer.from(part).toString('hex');

describe.each<[string, KEMFactory]>([
  ['Web Crypto', KEM_MLKEM768_X25519],
  ['node:crypto', nativeKem as KEMFactory],
])('the vectors of draft-ietf-hpke-pq, by %s', (what, kem) => {
  const kdf = what === 'node:crypto' ? nativeKdf : KDF_HKDF_SHA256;
  it.each(VECTORS.map((vector) => [vector.kdf_id, vector] as const))(
    'with KDF %i: key pair, secret and messages agree',
    async (kdfId, vector) => {
      const suite = new CipherSuite(kem, kdfId === 1 ? kdf : KDF_SHAKE256, AEAD_ChaCha20Poly1305);
      const pair = await suite.DeriveKeyPair(bytes(vector.ikmR), true);
      expect(toHex(await suite.SerializePrivateKey(pair.privateKey))).toBe(vector.skRm);
      expect(toHex(await suite.SerializePublicKey(pair.publicKey))).toBe(vector.pkRm);
      const secret = await kem().Decap(bytes(vector.enc), pair.privateKey, pair.publicKey);
      expect(toHex(secret)).toBe(vector.shared_secret);
      const context = await suite.SetupRecipient(pair, bytes(vector.enc), { info: bytes(vector.info) });
      expect(vector.encryptions.length).toBeGreaterThan(5);
      for (const { aad, ct, pt } of vector.encryptions)
        expect(toHex(await context.Open(bytes(ct), bytes(aad)))).toBe(pt);
    },
  );
});

it.each(VECTORS.map((vector) => [vector.kdf_id, vector] as const))(
  'a key whose halves are apart gives the secret of the vector with KDF %i',
  async (_kdf, { skRm, pkRm, enc, shared_secret: secret }) => {
    const expanded = createHash('shake256', { outputLength: 96 }).update(bytes(skRm)).digest();
    const der = Buffer.concat([PKCS8_PREFIX, expanded.subarray(0, 64)]);
    const pq = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const opening = splitDecapsulation(expanded.subarray(64), bytes(pkRm), async (ciphertext) =>
      Uint8Array.from(decapsulate(pq, ciphertext)),
    );
    expect(toHex((await opening?.(bytes(enc))) ?? expect.fail())).toBe(secret);
  },
);
