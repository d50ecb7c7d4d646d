import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CERT } from '../testing/keys.ts';
import { certificateOf } from '../testing/three-clusters.ts';

const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');
const isMissing = spawnSync('script', ['--version']).error !== undefined;
const OLD = await certificateOf('dev');

/** Types into `kubeseal cert update` on a terminal of its own, once it asks. */
async function typed(keys: string) {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-asked-'));
  const inside = (name: string) => join(directory, name);
  await writeFile(inside('.kubeseal.yaml'), 'clusters: {dev: {certificate: dev.pem}}\n');
  await writeFile(inside('dev.pem'), OLD);
  await writeFile(inside('new.pem'), CERT);
  const command = `${process.execPath} ${BIN} cert update dev --cert new.pem`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: directory });
  let seen = '';
  child.stdout.on('data', (piece: Buffer) => {
    if (!seen.includes('[y/N]') && `${seen}${piece}`.includes('[y/N]')) child.stdin.write(keys);
    seen += piece;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const certificate = await readFile(inside('dev.pem'), 'utf8');
  await rm(directory, { recursive: true });
  return { code, seen, isReplaced: certificate !== OLD };
}

describe.skipIf(isMissing)(`a question at a terminal${isMissing ? ' (SKIPPED: no script here)' : ''}`, () => {
  it.each([
    ['yes', 'yes\r', 0, true],
    ['Enter alone', '\r', 1, false],
    ['Ctrl-C', '\x03', 1, false],
    ['Ctrl-D', '\x04', 1, false],
  ])('takes %s', async (_what, keys, code, isReplaced) => {
    const result = await typed(keys);
    expect(result).toEqual({ code, isReplaced, seen: expect.stringContaining('replace it? [y/N]') });
  });
});
