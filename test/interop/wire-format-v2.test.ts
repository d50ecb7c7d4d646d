import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encryptionLabel } from '../../packages/crypto-core/src/index.ts';
import { groupRecipients } from '../../packages/crypto-core/src/keys/x-wing/recipient.ts';
import {
  expectationOf,
  FILE,
  readingOf,
  type Vector,
  type VectorFile,
  vectorKey,
} from '../vectors/v2/vectors.ts';

const sources = fileURLToPath(new URL('../vectors/v2/go/', import.meta.url));
const seedOf = (byte: number) => Buffer.alloc(32, byte).toString('hex');
let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wire-format-v2-'));
  program = join(folder, 'wire-format-v2');
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  execFileSync('go', ['build', '-trimpath', '-buildvcs=false', '-o', program, '.'], { cwd: sources, env });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the second implementation makes of vectors: lines such as `1 opens 68756e74657232`. */
function goReadings(vectors: readonly Vector[]): string[] {
  const input = JSON.stringify({ vectors });
  return execFileSync(program, { input, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trim()
    .split('\n');
}

describe('two implementations of format v2', () => {
  it('agree about every vector of the repository', () => {
    const expected = FILE.vectors.map(({ id, result, plaintext = '' }) =>
      result === 'opens' ? `${id} opens ${plaintext}`.trimEnd() : `${id} ${result}`,
    );
    expect(goReadings(FILE.vectors).map((line) => line.trimEnd())).toEqual(expected);
  });
  it('agree about vectors that are made anew', async () => {
    const made = execFileSync(program, ['vectors'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const fresh = (JSON.parse(made) as VectorFile).vectors;
    expect(fresh.length).toBe(FILE.vectors.length);
    expect(await Promise.all(fresh.map((vector) => readingOf(vector)))).toEqual(fresh.map(expectationOf));
  });
  it('read what ours seals, for one recipient and for several, in every scope', async () => {
    const keys = await Promise.all([1, 2, 3].map((byte) => vectorKey(seedOf(byte))));
    const vectors: Vector[] = [];
    for (const scope of ['strict', 'namespace-wide', 'cluster-wide'] as const) {
      for (const length of [0, 1, 60, 61, 1021, 70_000]) {
        const value = crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)));
        const label = encryptionLabel(scope, 'shop', 'db');
        const recipients = keys.slice(0, 1 + (vectors.length % 3)).map(({ recipient }) => recipient);
        const terms = vectors.length % 2 ? { item: 'password', expiresAt: new Date(1_893_456_000_000) } : {};
        const sealed = await groupRecipients(recipients).seal(value, label, terms);
        vectors.push({
          id: vectors.length + 1,
          what: 'ours',
          value: Buffer.from(sealed).toString('base64'),
          seed: seedOf(recipients.length),
          scope,
          namespace: 'shop',
          name: 'db',
          item: 'password',
          result: 'opens',
          plaintext: Buffer.from(value).toString('hex'),
        });
      }
    }
    const expected = vectors.map(({ id, plaintext }) => `${id} opens ${plaintext}`.trimEnd());
    expect(goReadings(vectors).map((line) => line.trimEnd())).toEqual(expected);
  });
});
