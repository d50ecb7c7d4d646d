import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NAMES } from '../../testing/repository.ts';
import { type Blob, blobsOf } from './blobs.ts';
import { openHistory } from './repository.ts';
import { type HistoricFile, sealedHistory } from './sealed-history.ts';

describe('the blobs of a history', () => {
  let directory = '';
  let env: Record<string, string>;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'history-test-'));
    env = { HOME: directory, PATH: process.env['PATH'] ?? '' };
    writeFileSync(join(directory, '.gitconfig'), NAMES);
    sh('git init -q');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const sh = (script: string) => execFileSync('sh', ['-euc', script], { cwd: directory, env, stdio: 'pipe' });
  const open = () => openHistory(directory, 'here', { env });
  const read = async (mostBytes: number, words = [Buffer.from('WORD')]) => {
    const blobs: Blob[] = [];
    for await (const blob of blobsOf(open(), { mostBytes, words }, { env })) blobs.push(blob);
    return blobs.sort((a, b) => a.size - b.size);
  };

  it('come byte for byte, each once, with names that need care', async () => {
    const binary = randomBytes(300_000);
    writeFileSync(join(directory, 'bi nary.bin'), binary);
    writeFileSync(join(directory, 'empty'), '');
    writeFileSync(join(directory, 'line\nend'), 'x\ny');
    writeFileSync(join(directory, 'copy'), 'x\ny');
    sh('git add .; git commit -qm x; git rm -q empty; git commit -qm y');
    const blobs = (await read(1_000_000)).filter(({ path }) => path !== '.gitconfig');
    expect(blobs.map(({ size }) => size)).toEqual([0, 3, 300_000]);
    expect(Buffer.from(blobs[2]?.bytes ?? []).equals(binary)).toBe(true);
    expect(blobs[2]?.path).toBe('bi nary.bin');
  });
  it.each([0, 65_530, 65_536, 131_071, 199_996])(
    'that are large are not kept, but a word in them at byte %i is found',
    async (at) => {
      const large = Buffer.alloc(200_000, 'x');
      large.write('WORD', at);
      writeFileSync(join(directory, 'large'), large);
      writeFileSync(join(directory, 'other'), Buffer.alloc(200_001, 'x'));
      sh('git add large other; git commit -qm x');
      expect((await read(1000)).map(({ bytes, isLargeWithWord }) => ({ bytes, isLargeWithWord }))).toEqual([
        { bytes: undefined, isLargeWithWord: true },
        { bytes: undefined, isLargeWithWord: false },
      ]);
    },
  );
  it('that are too large for a manifest and hold the word SealedSecret are failures', async () => {
    writeFileSync(join(directory, 'large.yaml'), `kind: SealedSecret\n# ${'x'.repeat(2000)}`);
    sh('git add large.yaml; git commit -qm x');
    const files: HistoricFile[] = [];
    for await (const file of sealedHistory(open(), { env }, 1000)) files.push(file);
    expect(files).toEqual([
      {
        isRead: true,
        found: [expect.objectContaining({ where: expect.stringMatching(/^large.yaml \(blob /) })],
      },
    ]);
  });
  it('of a repository without a commit are none', async () => {
    expect(await read(1000)).toEqual([]);
    expect(open()).toMatchObject({ refs: 0, commits: 0 });
  });
  it('leave no process behind when nobody wants more of them', async () => {
    for (let at = 0; at < 50; at++) writeFileSync(join(directory, `f${at}`), randomBytes(100_000));
    sh('git add .; git commit -qm x');
    for await (const blob of blobsOf(open(), { mostBytes: 1_000_000, words: [] }, { env })) {
      expect(blob.size).toBeGreaterThan(0);
      break;
    }
    const running = execFileSync('ps', ['-eo', 'args']).toString();
    expect(running.includes(directory)).toBe(false);
  });
});
