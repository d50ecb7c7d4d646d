import { describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.ts';

const FILES = { 'a.yaml': 'kind: ConfigMap\n' };

describe.each([
  ['check', 'text', ['a.yaml']],
  ['inspect', 'table', ['a.yaml']],
  ['keys list', 'wide', ['--recovery-private-key', 'none']],
])('kubeseal %s --json', (command, other, rest) => {
  const run = (...flags: readonly string[]) =>
    runCli({ argv: [...command.split(' '), ...flags, ...rest], files: FILES });
  it('means the same as -o json, also beside it', async () => {
    const asked = await run('-o', 'json');
    expect(asked.code).not.toBe(2);
    expect(await run('--json')).toEqual(asked);
    expect(await run('--json', '-o', 'json')).toEqual(asked);
  });
  it('is refused beside another format, and switched off is not', async () => {
    expect(await run('--json', '-o', other)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`error: ${command}: --json and -o ${other} exclude each other\n`),
    });
    expect(await run('--json=false', '-o', other)).toEqual(await run('-o', other));
  });
});
