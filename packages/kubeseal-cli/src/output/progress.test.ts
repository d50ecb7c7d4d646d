import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { processIo } from '../io/io.ts';
import { type ClusterWorld, startClusterWorld } from '../testing/cluster-world.ts';
import { progressLine, withProgress } from './progress.ts';

const run = promisify(execFile);
const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');
const MANY = { doing: 'sealing', total: 1_000 };

describe('progressLine', () => {
  it.each([
    ['nothing in the first second', MANY, [500, 999], undefined],
    ['nothing for a single document', { doing: 'sealing', total: 1 }, [0, 60_000], undefined],
    ['no guess before a document is done', MANY, [0, 1_000], 'sealing: 0 of 1000'],
    ['the time left at the pace so far', MANY, [250, 10_000], 'sealing: 250 of 1000, 30 s left'],
    ['minutes where it takes long', MANY, [10, 6_000], 'sealing: 10 of 1000, 10 min left'],
    ['a second rather than none', MANY, [999, 1_001], 'sealing: 999 of 1000, 1 s left'],
    ['no time when all is done', MANY, [1_000, 5_000], 'sealing: 1000 of 1000'],
  ] as const)('says %s', (_, work, [done, elapsedMs], line) => {
    expect(progressLine(work, done, elapsedMs)).toBe(line);
  });
});

describe('withProgress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  /** What is written while `count` documents take `eachMs`, and then the work fails or not. */
  async function written(
    count: number,
    eachMs: number,
    io: { isTty?: boolean; TERM?: string; failure?: Error },
  ) {
    const texts: string[] = [];
    const stderr = { isTty: io.isTty ?? true, write: (text: string) => void texts.push(text) };
    const env = { TERM: io.TERM };
    const work = withProgress(
      { ...processIo(), stderr, env },
      { doing: 'opening', total: count },
      async (step) => {
        for (let index = 0; index < count; index++) {
          await vi.advanceTimersByTimeAsync(eachMs);
          step();
        }
        if (io.failure) throw io.failure;
      },
    );
    await work.catch((error: unknown) => {
      if (error !== io.failure) throw error;
      texts.push('error');
    });
    expect(vi.getTimerCount()).toBe(0);
    return texts.join('');
  }

  it('redraws one line and removes it', async () => {
    expect(await written(4, 400, {})).toBe(
      [
        '\ropening: 2 of 4, 1 s left',
        '\ropening: 2 of 4, 1 s left',
        '\ropening: 3 of 4, 1 s left',
        '\ropening: 3 of 4, 1 s left',
        `\r${' '.repeat(25)}\r`,
      ].join(''),
    );
  });
  it('removes the line before an error is printed', async () => {
    expect(await written(4, 400, { failure: new Error('no') })).toMatch(/left\r {25}\rerror$/);
  });
  it('writes nothing when the work is short, there is one document, or no terminal that it fits', async () => {
    expect(await written(1_000, 0.5, {})).toBe('');
    expect(await written(1, 60_000, {})).toBe('');
    expect(await written(4, 60_000, { isTty: false })).toBe('');
    expect(await written(4, 60_000, { TERM: 'dumb' })).toBe('');
  });
});

describe('the progress of a slow controller', () => {
  const document = (index: number) =>
    `---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a${index}, namespace: blue}\nspec: {encryptedData: {k: AgB=}}\n`;
  const documents = Array.from({ length: 8 }, (_, index) => document(index)).join('');
  let world: ClusterWorld;
  let directory: string;
  let command: readonly [string, ...string[]];
  beforeAll(async () => {
    world = await startClusterWorld();
    world.controller.override = () => delay(250, { status: 200 });
    directory = await mkdtemp(join(tmpdir(), 'kubeseal-progress-'));
    await writeFile(join(directory, 'kubeconfig'), world.kubeconfig);
    await writeFile(join(directory, 'sealed.yaml'), documents);
    command = [process.execPath, BIN, '--kubeconfig', 'kubeconfig', '--validate', '-f', 'sealed.yaml'];
  });
  afterAll(async () => {
    await world?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is shown on a real terminal, without escape sequences, and removed at the end', async () => {
    const script = ['-qec', command.join(' '), '/dev/null'];
    const { stdout } = await run('script', script, {
      cwd: directory,
      env: { ...process.env, TERM: 'xterm' },
    });
    expect(stdout).toMatch(/^(?:\rvalidating: [1-8] of 8(?:, \d s left)? *)+\r {20,}\r$/);
  });
  it('is not shown if stderr is not a terminal', async () => {
    const [program, ...args] = command;
    expect(await run(program, args, { cwd: directory })).toEqual({ stdout: '', stderr: '' });
  });
});
