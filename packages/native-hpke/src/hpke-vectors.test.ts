import { createHash, createPrivateKey, decapsulate } from 'node:crypto';
import { suiteOf } from '@fuin/crypto-core/v2';
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
import { nobleKem } from '../../crypto-core/src/keys/x-wing/noble-kem.ts';
import { NATIVE_ALGORITHMS, splitDecapsulation } from './index.ts';
import { nativeKdf } from './kdf.ts';
import { nativeKem } from './kem.ts';

type Hex<Names extends string> = Readonly<Record<Names, string>>;
type Vector = Hex<'info' | 'ikmR' | 'skRm' | 'pkRm' | 'enc' | 'shared_secret'> & {
  readonly kdf_id: number;
  readonly encryptions: readonly Hex<'aad' | 'ct' | 'pt'>[];
};

/** Of the KEM, KDF and AEAD of suite 1. */
type SuiteVector = Omit<Vector, 'shared_secret'> & {
  readonly exports: readonly (Hex<'exporter_context' | 'exported_value'> & { readonly L: number })[];
};

const SUITE_1 = JSON.parse(readVector('hpke-pq/mlkem768-x25519-aes256gcm.json')) as readonly SuiteVector[];
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

describe.each([
  ['Web Crypto', suiteOf()],
  ['node:crypto', suiteOf(NATIVE_ALGORITHMS)],
  ['JavaScript', suiteOf({ kem: nobleKem })],
])('the vectors of suite 1 that Go made, by %s', (_what, { hpke, kem, open }) => {
  it.each(SUITE_1.map((vector, at) => [at, vector] as const))(
    '%i: key pair, messages and exported secrets agree',
    async (_at, { ikmR, skRm, pkRm, enc, info, encryptions, exports }) => {
      const pair = await hpke.DeriveKeyPair(bytes(ikmR), true);
      expect(toHex(await hpke.SerializePrivateKey(pair.privateKey))).toBe(skRm);
      expect(toHex(await hpke.SerializePublicKey(pair.publicKey))).toBe(pkRm);
      const context = await hpke.SetupRecipient(pair, bytes(enc), { info: bytes(info) });
      for (const { aad, ct, pt } of encryptions)
        expect(toHex(await context.Open(bytes(ct), bytes(aad)))).toBe(pt);
      for (const { exporter_context: text, L, exported_value: value } of exports)
        expect(toHex(await context.Export(bytes(text), L))).toBe(value);
      const [first] = encryptions;
      const secret = await kem.Decap(bytes(enc), pair.privateKey, pair.publicKey);
      const opened = await open(Uint8Array.from(secret), bytes(first?.ct ?? ''), bytes(info));
      expect([encryptions.length, first?.aad, opened && toHex(opened)]).toEqual([6, '', first?.pt]);
    },
  );
});
