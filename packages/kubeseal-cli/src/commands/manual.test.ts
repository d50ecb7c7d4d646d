import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CERT } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';

const completion = async (shell: string) => (await runCli({ argv: ['completion', shell] })).stdout;

describe('kubeseal completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])('has every visible flag for %s', async (shell) => {
    const text = await completion(shell);
    for (const name of ['--cert', '--sealed-secret-file', '--vmodule', '--as-group']) {
      expect(text).toContain(shell === 'fish' ? `-l ${name.slice(2)}` : name);
    }
    expect(text).not.toContain('rotate');
  });
  it.each([
    ['completion'],
    ['completion', 'tcsh'],
    ['completion', 'bash', '--cert', 'c'],
    ['manual', 'x'],
    ['help', 'x'],
  ])('is refused as a whole for %s', async (...argv) => {
    const stdin = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';
    const { code, stdout, stderr } = await runCli({ argv, files: { c: CERT }, stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`hint: usage: kubeseal ${argv[0]}`));
  });
  it('is no command behind a flag: there upstream ignores arguments', async () => {
    const stdin = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';
    for (const command of [['manual'], ['completion', 'bash']]) {
      const { stdout } = await runCli({ argv: ['--cert', 'c', ...command], files: { c: CERT }, stdin });
      expect(stdout).toContain('"kind": "SealedSecret"');
    }
  });
});

describe('kubeseal --help', () => {
  it('lists the values of --scope, and ends with what else explains the program', async () => {
    const lines = (await runCli({ argv: ['--help'] })).stdout.trimEnd().split('\n');
    expect(lines.find((line) => line.includes('--scope string '))).toMatch(
      /One of: strict, namespace-wide, cluster-wide \(default "strict"\)$/,
    );
    expect(lines.filter((line) => line.startsWith('  kubeseal '))).toEqual([
      '  kubeseal check [--quiet] -- FILE...',
      '  kubeseal completion bash|zsh|fish|powershell',
      '  kubeseal help [COMMAND]',
      '  kubeseal manual',
    ]);
    expect((await runCli({ argv: ['help'] })).stdout.trimEnd().split('\n')).toEqual(lines);
  });
});

describe('kubeseal manual', () => {
  it('prints the page that is shipped', async () => {
    const { code, stdout } = await runCli({ argv: ['manual'] });
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(join(import.meta.dirname, '../../man/kubeseal.1'));
  });
});
