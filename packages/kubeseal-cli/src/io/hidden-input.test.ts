import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBase64, encryptionLabel, importKeyPair, KeyRing, openValue } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { CERT, KEY } from '../testing/keys.ts';

const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');
const isMissing = spawnSync('script', ['--version']).error !== undefined;

/** Types into `kubeseal --raw` on a terminal of its own, once it asks; returns what the terminal showed. */
async function typed(keys: string) {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-typed-'));
  await writeFile(join(directory, 'c'), CERT);
  const command = `${process.execPath} ${BIN} --raw --cert c --scope cluster-wide -w out`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: directory });
  let seen = '';
  child.stdout.on('data', (piece: Buffer) => {
    if (!seen.includes('in stdin)') && `${seen}${piece}`.includes('in stdin)')) child.stdin.write(keys);
    seen += piece;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const sealed = await readFile(join(directory, 'out'), 'utf8').catch(() => undefined);
  return { code, seen, value: sealed === undefined ? undefined : await open(sealed) };
}

async function open(sealed: string): Promise<string> {
  const keyRing = KeyRing.of(await importKeyPair(KEY));
  const label = encryptionLabel('cluster-wide', '', '');
  return Buffer.from(await openValue(decodeBase64(sealed), keyRing, label)).toString();
}

describe.skipIf(isMissing)(
  `a value that is typed at a terminal${isMissing ? ' (SKIPPED: no script here)' : ''}`,
  () => {
    it('is not shown, and ends with Enter', async () => {
      const { code, seen, value } = await typed('hunterx\x7f2-ü\r');
      expect({ code, value }).toEqual({ code: 0, value: 'hunter2-ü' });
      expect(seen).not.toContain('hunter');
    });
    it('is refused when it is pasted in several lines: the others would go to the shell', async () => {
      const { code, seen, value } = await typed('one-line\rtwo-line\r');
      expect({ code, value }).toEqual({ code: 1, value: undefined });
      expect(seen).toContain('error: a typed value must be a single line');
      expect(seen).not.toMatch(/one-line|two-line/);
    });
    it.each([
      ['Ctrl-C', '\x03', 'error: cancelled'],
      ['Ctrl-D', '\x04', 'error: the value is empty'],
    ])('is not sealed after %s', async (_key, keys, message) => {
      const { code, seen, value } = await typed(keys);
      expect({ code, value }).toEqual({ code: 1, value: undefined });
      expect(seen).toContain(message);
    });
  },
);
