import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatBytes } from './bytes.ts';
import { decryptValue, encryptValue, unwrapSessionKey } from './hybrid.ts';
import { importKeyPair } from './keys.ts';

/** Project Wycheproof's vectors lie beside the repository where a developer has put them; they are not part of it. */
const FOLDER = new URL('../../../../shared/vectors/wycheproof/', import.meta.url);
const problem = existsSync(FOLDER) ? undefined : 'no Wycheproof vectors beside this repository';

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
  return problem ? [] : JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')).testGroups;
}
const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const refused = (error: unknown) => `refused: ${(error as Error).name}`;
const expected = ({ result, msg }: Vector) => (result === 'valid' ? msg : 'refused: OperationError');

if (problem) console.warn(`wycheproof.test.ts: skipped: ${problem}`);
describe.skipIf(problem)('Wycheproof', () => {
  it.each([2048, 4096])('RSA-OAEP with SHA-256, %i bits: unwrapSessionKey agrees', async (size) => {
    const groups = groupsOf<OaepGroup>(`rsa_oaep_${size}_sha256_mgf1sha256_test.json`);
    let count = 0;
    for (const { privateKeyPem, tests } of groups) {
      const key = (await importKeyPair(privateKeyPem)).nextPrivateKey();
      for (const vector of tests) {
        const opened = await unwrapSessionKey(hex(vector.ct), key, hex(vector.label)).then(toHex, refused);
        expect(opened, `tcId ${vector.tcId}`).toBe(expected(vector));
        count += 1;
      }
    }
    console.log(`Wycheproof RSA-OAEP-SHA256 ${size}: ${count} vectors`);
    expect(count).toBeGreaterThan(30);
  });

  it('AES-GCM with 256-bit key, 96-bit nonce, 128-bit tag: encryptValue and decryptValue agree', async () => {
    const groups = groupsOf<GcmGroup>('aes_gcm_test.json');
    const [ours = [], others = []] = [true, false].map((wanted) =>
      groups.filter(
        (group) => wanted === (group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128),
      ),
    );
    const vectors = ours.flatMap(({ tests }) => tests);
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
    const left = others.reduce((sum, { tests }) => sum + tests.length, 0);
    const noFormat = 'other key or nonce lengths, which the format does not have';
    console.log(`Wycheproof AES-256-GCM: ${vectors.length} vectors; ${left} left out (${noFormat})`);
    expect(vectors.length).toBeGreaterThan(50);
  });
});
