import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CERT } from './testing/keys.ts';
import { runCli } from './testing/run-cli.ts';

const completion = async (shell: string) => (await runCli({ argv: ['completion', shell] })).stdout;

describe('kubeseal completion', () => {
  it.each(['bash', 'zsh', 'fish', 'powershell'])('has every visible flag for %s', async (shell) => {
    const text = await completion(shell);
    for (const name of ['--cert', '--sealed-secret-file', '--vmodule', '--as-group']) {
      expect(text).toContain(shell === 'fish' ? `-l ${name.slice(2)}` : name);
    }
    expect(text).not.toContain('rotate');
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

describe('kubeseal --help', () => {
  it('lists the values of --scope, and ends with what else explains the program', async () => {
    const lines = (await runCli({ argv: ['--help'] })).stdout.trimEnd().split('\n');
    expect(lines.find((line) => line.includes('--scope string '))).toMatch(
      /One of: strict, namespace-wide, cluster-wide \(default "strict"\)$/,
    );
    expect(lines.at(-1)).toMatch(/kubeseal completion bash\|.*kubeseal manual/);
  });
});

describe('kubeseal manual', () => {
  it('prints the page that is shipped', async () => {
    const { code, stdout } = await runCli({ argv: ['manual'] });
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(join(import.meta.dirname, '../man/kubeseal.1'));
  });
});
