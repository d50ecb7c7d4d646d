import { AEAD_ChaCha20Poly1305, CipherSuite, KDF_HKDF_SHA256, KDF_SHAKE256 } from 'hpke';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readVector } from '../../../../../test/vectors/read.ts';
import { expectationOf, FILE, readingOf } from '../../../../../test/vectors/v2/vectors.ts';
import { encodeUtf8 } from '../../bytes.ts';
import { parseEnvelope } from '../../value/format-table.ts';
import { XWingKeyPair } from './key-pair.ts';
import { nobleKem } from './noble-kem.ts';
import { suiteOf } from './suite.ts';

type Draft = Readonly<Record<'ikmR' | 'skRm' | 'pkRm' | 'enc' | 'info', string>> & {
  readonly kdf_id: number;
  readonly encryptions: readonly Readonly<Record<'aad' | 'ct' | 'pt', string>>[];
};

const DRAFTS = JSON.parse(readVector('hpke-pq/mlkem768-x25519.json')) as readonly Draft[];
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const toHex = (part: Uint8Array) => Buffer.from(part).toString('hex');
const noble = suiteOf({ kem: nobleKem });

describe('the KEM in JavaScript', () => {
  it.each(FILE.vectors.map((vector) => [vector.id, vector.what, vector] as const))(
    'reads vector %i like Web Crypto: %s',
    async (_id, _what, vector) => expect(await readingOf(vector, noble)).toEqual(expectationOf(vector)),
  );
  it.each(DRAFTS.map((draft) => [draft.kdf_id, draft] as const))(
    'agrees with the vector of draft-ietf-hpke-pq with KDF %i',
    async (kdfId, draft) => {
      const kdf = kdfId === 1 ? KDF_HKDF_SHA256 : KDF_SHAKE256;
      const suite = new CipherSuite(nobleKem, kdf, AEAD_ChaCha20Poly1305);
      const pair = await suite.DeriveKeyPair(bytes(draft.ikmR), true);
      expect(toHex(await suite.SerializePrivateKey(pair.privateKey))).toBe(draft.skRm);
      expect(toHex(await suite.SerializePublicKey(pair.publicKey))).toBe(draft.pkRm);
      const context = await suite.SetupRecipient(pair, bytes(draft.enc), { info: bytes(draft.info) });
      for (const { aad, ct, pt } of draft.encryptions)
        expect(toHex(await context.Open(bytes(ct), bytes(aad)))).toBe(pt);
    },
  );
});

describe('the KEM of a runtime', () => {
  afterEach(() => void vi.restoreAllMocks());
  const label = encodeUtf8('shop/db');

  it('is computed in JavaScript where Web Crypto does not have it, for the same values', async () => {
    const without = () => Promise.reject(new DOMException('not here', 'NotSupportedError'));
    const generate = vi.spyOn(crypto.subtle, 'generateKey').mockImplementation(without);
    const suite = suiteOf();
    const material = await XWingKeyPair.generate(suite);
    const pair = await XWingKeyPair.of(material, suite);
    expect(generate).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    const [own, other] = [await XWingKeyPair.of(material, suiteOf()), pair];
    for (const [sealer, opener] of [
      [own, other],
      [other, own],
    ] as const) {
      const envelope = parseEnvelope(await sealer.seal(encodeUtf8('hunter2'), label));
      expect(await opener.open(envelope, label, '')).toEqual(encodeUtf8('hunter2'));
    }
  });
  it('derives the same key pair from the same bytes as the one in JavaScript', async () => {
    const [own, other] = await Promise.all(
      [suiteOf(), noble].map(async ({ hpke }) => {
        const { publicKey } = await hpke.DeriveKeyPair(new Uint8Array(64).fill(7), true);
        return toHex(await hpke.SerializePublicKey(publicKey));
      }),
    );
    expect(own).toMatch(/^[0-9a-f]{2432}$/);
    expect(own).toBe(other);
  });
  it('is not replaced because of another fault', async () => {
    const fault = new DOMException('no entropy', 'OperationError');
    vi.spyOn(crypto.subtle, 'generateKey').mockImplementation(() => Promise.reject(fault));
    await expect(XWingKeyPair.generate(suiteOf())).rejects.toThrow('no entropy');
  });
});
