import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { concatBytes } from '../bytes.ts';
import { decryptValue, encryptValue } from '../value/aes-gcm.ts';
import { exportPrivateKey, importKeyPair } from './key-pair.ts';
import { parsePem } from './pem.ts';
import { importPrivateKey, unwrapSessionKey } from './rsa-oaep.ts';

interface Vector {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly msg: string;
  readonly ct: string;
}
interface OaepGroup {
  readonly privateKeyPem: string;
  readonly tests: readonly (Vector & { readonly label: string })[];
}
interface GcmGroup {
  readonly ivSize: number;
  readonly keySize: number;
  readonly tagSize: number;
  readonly tests: readonly (Vector & Readonly<Record<'key' | 'iv' | 'aad' | 'tag', string>>)[];
}

function groupsOf<T>(file: string): readonly T[] {
  return JSON.parse(readVector(`wycheproof/${file}`)).testGroups;
}
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const refused = (error: unknown) => `refused: ${(error as Error).name}`;
const expected = ({ result, msg }: Vector) => (result === 'valid' ? msg : 'refused: OperationError');

describe('Wycheproof', () => {
  it.each([2048, 4096])('RSA-OAEP with SHA-256, %i bits: unwrapSessionKey agrees', async (size) => {
    const groups = groupsOf<OaepGroup>(`rsa_oaep_${size}_sha256_mgf1sha256_test.json`);
    let count = 0;
    for (const { privateKeyPem, tests } of groups) {
      const [block] = parsePem(exportPrivateKey(await importKeyPair(privateKeyPem), 'pkcs8'));
      const key = await importPrivateKey(block?.bytes ?? new Uint8Array());
      for (const vector of tests) {
        const opened = await unwrapSessionKey(hex(vector.ct), key, hex(vector.label)).then(toHex, refused);
        expect(opened, `tcId ${vector.tcId}`).toBe(expected(vector));
        count += 1;
      }
    }
    expect(count).toBe(37);
  });

  it('AES-GCM with 256-bit key, 96-bit nonce, 128-bit tag: encryptValue and decryptValue agree', async () => {
    const vectors = groupsOf<GcmGroup>('aes_gcm_test.json')
      .filter(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128)
      .flatMap(({ tests }) => tests);
    for (const vector of vectors) {
      const gcm = { name: 'AES-GCM', iv: hex(vector.iv), additionalData: hex(vector.aad) };
      const sealed = concatBytes(hex(vector.ct), hex(vector.tag));
      const opened = await decryptValue(sealed, hex(vector.key), gcm).then(toHex, refused);
      expect(opened, `tcId ${vector.tcId}`).toBe(expected(vector));
      if (vector.result !== 'valid') continue;
      expect(await encryptValue(hex(vector.msg), hex(vector.key), gcm), `tcId ${vector.tcId}`).toEqual(
        sealed,
      );
    }
    expect(vectors.length).toBe(66);
  });
});
