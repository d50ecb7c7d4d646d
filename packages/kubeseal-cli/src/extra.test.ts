import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CERT } from './testing/keys.ts';
import { runCli } from './testing/run-cli.ts';

const completion = async (shell: string) => (await runCli({ argv: ['completion', shell] })).stdout;

/** What bash offers for the last of these words. */
async function bashOffers(...words: readonly string[]): Promise<string[]> {
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `${await completion('bash')}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _kubeseal; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: import.meta.dirname });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('kubeseal completion', () => {
  it('offers flags in bash', async () => {
    expect(await bashOffers('kubeseal', '--re')).toEqual([
      '--re-encrypt',
      '--recovery-private-key',
      '--recovery-unseal',
      '--request-timeout',
    ]);
  });
  it.each([
    [['--scope', 'c'], ['cluster-wide']],
    [['--scope', '=', 'n'], ['namespace-wide']],
    [
      ['-o', ''],
      ['json', 'yaml'],
    ],
    [
      ['-f', 'extra.t'],
      ['extra.test.ts', 'extra.ts'],
    ],
    [['--name', ''], []],
  ])('offers values in bash for %j', async (words, offers) => {
    expect((await bashOffers('kubeseal', ...words)).sort()).toEqual(offers);
  });
  it.each(['bash', 'zsh', 'fish', 'powershell'])('has every visible flag for %s', async (shell) => {
    const text = await completion(shell);
    for (const name of ['--cert', '--sealed-secret-file', '--vmodule', '--as-group']) {
      expect(text).toContain(shell === 'fish' ? `-l ${name.slice(2)}` : name);
    }
    expect(text).not.toContain('rotate');
  });
  it.each([
    ['bash', ['-n']],
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ])('is a script that %s can parse, where it is installed', async (shell, argv) => {
    const { error, status, stderr } = spawnSync(shell, argv, {
      input: await completion(shell),
      encoding: 'utf8',
    });
    if (!error) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
  it('stays out of the way of positional arguments, which are ignored', async () => {
    const stdin = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';
    for (const argv of [
      ['completion', 'bash', '--cert', 'c'],
      ['--cert', 'c', 'manual'],
      ['--cert', 'c', 'completion', 'bash'],
    ]) {
      expect((await runCli({ argv, files: { c: CERT }, stdin })).stdout).toContain('"kind": "SealedSecret"');
    }
    expect((await runCli({ argv: ['completion', 'tcsh'] })).code).toBe(1);
  });
});

describe('kubeseal manual', () => {
  it('prints the page that is shipped', async () => {
    const { code, stdout } = await runCli({ argv: ['manual'] });
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(join(import.meta.dirname, '../man/kubeseal.1'));
  });
});
