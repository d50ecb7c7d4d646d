import { describe, expect, it } from 'vitest';
import { CERT } from '../testing/keys.ts';
import { type CliRun, runCli } from '../testing/run-cli.ts';

const WARNS = 'metadata: {name: a, namespace: blue}\nstringData: {pin: 010}\n';

async function stderrOf(run: Partial<CliRun>): Promise<string> {
  const { code, stderr } = await runCli({
    ...run,
    argv: ['--cert', 'c', '-oyaml', ...(run.argv ?? [])],
    files: { c: CERT },
    stdin: WARNS,
  });
  expect(code).toBe(0);
  return stderr;
}

describe("a warning of upstream's command lines", () => {
  it('is printed on a terminal only: programs treat any text on stderr as a failure', async () => {
    expect(await stderrOf({})).toBe('');
    expect(await stderrOf({ tty: { stderr: true } })).toContain(
      'warning: document 1 of stdin: stringData.pin ',
    );
  });
  it.each([
    ['the environment', [], { SEALED_SECRETS_WARNINGS: 'always' }],
    ['the command line', ['--warnings=always'], {}],
  ])('is always printed if %s asks for it', async (_who, argv, env) => {
    expect(await stderrOf({ argv, env })).toContain('warning: ');
  });
  it.each([
    ['the environment', [], { SEALED_SECRETS_QUIET: 'true' }],
    ['the command line', ['--quiet', '--warnings=always'], {}],
  ])('is silenced by %s, on a terminal too', async (_who, argv, env) => {
    expect(await stderrOf({ argv, env, tty: { stderr: true } })).not.toContain('warning: ');
  });
  it.each([
    ['of the environment', ['--quiet=false'], { SEALED_SECRETS_SCOPE: 'nope' }],
    ['of a deprecated flag', ['--rotate=false'], {}],
    ['of a key that is not used', ['--recovery-private-key', 'k'], {}],
  ])('%s follows the same rule', async (_what, argv, env) => {
    expect(await stderrOf({ argv, env })).toBe('');
    expect(await stderrOf({ argv, env, tty: { stderr: true } })).toMatch(
      /SCOPE|rotate has been|ignoring --recovery/,
    );
  });
});
