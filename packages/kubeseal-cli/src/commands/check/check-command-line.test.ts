import { describe, expect, it } from 'vitest';
import { CERT } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata: {host: db.test}\n';

describe('the command line of kubeseal check', () => {
  const files = { 'db.yaml': SECRET, 'c.yaml': CERT };
  const run = (...argv: string[]) =>
    runCli({ argv: ['check', ...argv], files, stdin: SECRET, env: { SEALED_SECRETS_CERT: 'c.yaml' } });

  it.each([
    ['nothing to look at', []],
    ["a sealing program's flag for the input", ['-f', 'db.yaml']],
    ['a flag behind the files', ['db.yaml', '-o', 'yaml']],
    ['--offline', ['--offline', 'db.yaml']],
    ['names of files that read as flags', ['--cert=c.yaml', '-fs.yaml', 'c.yaml', 'db.yaml']],
    ['a file called -h', ['-h', 'db.yaml']],
    ['a file called -h.yaml', ['-h.yaml', 'db.yaml']],
    ['a file called --help', ['--help', 'db.yaml']],
  ])('is refused with exit code 2, and nothing is sealed, for %s', async (_what, argv) => {
    const { code, stdout, stderr } = await run(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .*\nhint: (.*\n)?usage: kubeseal check \[flags\] -- FILE\.\.\.\n$/);
  });
  it('treats every name after -- as a file', async () => {
    const named = { '--cert=c.yaml': CERT, '-fs.yaml': CONFIG, '-': CONFIG, '--quiet': SECRET };
    const result = await runCli({
      argv: ['check', '--', ...Object.keys(named)],
      files: named,
      stdin: SECRET,
    });
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toMatch(/^error: document 1 of --quiet is a Secret in the clear: shop\/db\nhint: /);
  });
  it('reads stdin for a dash before --', async () => {
    const { code, stderr } = await run('-');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: document 1 of stdin is a Secret in the clear: shop\/db\n/);
  });
  it.each(['--help', '-h'])('explains itself with %s alone', async (flag) => {
    const { code, stdout } = await run(flag);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^usage: kubeseal check .*\nFinds Secrets in the clear/);
    expect((await runCli({ argv: ['help', 'check'] })).stdout).toBe(stdout);
  });
  it('is not a command after a flag, where upstream ignores arguments', async () => {
    const { stdout } = await runCli({ argv: ['--cert', 'c.yaml', 'check', 'db.yaml'], files, stdin: SECRET });
    expect(stdout).toContain('"kind": "SealedSecret"');
  });
});
