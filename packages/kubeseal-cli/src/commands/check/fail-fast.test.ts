import { describe, expect, it } from 'vitest';
import { NOW, sealed } from '../../testing/inspected.ts';
import { runCli } from '../../testing/run-cli.ts';

const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const RENAMED = (await sealed('db', { x: '1' })).replace('"name": "db"', '"name": "db2"');
const FILES = {
  'a.json': RENAMED,
  'b.yaml': SECRET,
  'c.yaml': SECRET.replace('name: db', 'name: web'),
  'd/x.json': 'kind: [',
};
const run = (argv: readonly string[], files: Readonly<Record<string, string>> = FILES) =>
  runCli({ argv, files, now: NOW });
const filesIn = (stdout: string): string[] =>
  (JSON.parse(stdout) as { findings: { file: string }[] }).findings.map(({ file }) => file);

describe('kubeseal check --fail-fast', () => {
  it('stops behind the first file that fails the check; a warning does not', async () => {
    const { code, stdout } = await run(['check', '--json', '--fail-fast', '.']);
    expect({ code, files: filesIn(stdout) }).toEqual({ code: 3, files: ['a.json', 'b.yaml'] });
    const strict = await run(['check', '--json', '--fail-fast', '--strict', '.']);
    expect({ code: strict.code, files: filesIn(strict.stdout) }).toEqual({ code: 3, files: ['a.json'] });
    expect(filesIn((await run(['check', '--json', '.'])).stdout)).toEqual(['a.json', 'b.yaml', 'c.yaml']);
  });
  it('is not stopped by what the baseline accepts, and does not call the rest of it gone', async () => {
    const { files } = await run(['check', '--baseline', 'known.txt', '--write-baseline', 'a.json', 'b.yaml']);
    const all = { ...FILES, ...files };
    const { code, stdout, stderr } = await run(
      ['check', '--json', '--baseline', 'known.txt', '--fail-fast', 'b.yaml', 'c.yaml', 'a.json'],
      all,
    );
    expect({ code, files: filesIn(stdout), stderr }).toEqual({
      code: 3,
      files: ['c.yaml'],
      stderr: 'error: 1 finding\n',
    });
  });
  it('stops at a file that cannot be read', async () => {
    const { code, stdout, stderr } = await run(['check', '--json', '--fail-fast', 'nope', 'b.yaml']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: open nope: no such file or directory\n/);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [], errors: [{ file: 'nope' }] });
  });
  it('is refused beside --write-baseline, which is about all files', async () => {
    const argv = ['check', '--baseline', 'f', '--write-baseline', '--fail-fast', '.'];
    const { code, stderr, files } = await run(argv);
    expect({ code, isWritten: 'f' in files }).toEqual({ code: 2, isWritten: false });
    expect(stderr).toContain('--write-baseline and --fail-fast exclude each other');
  });
});

describe('kubeseal check without --fail-fast', () => {
  it('goes on after a named file that cannot be read, and reports everything', async () => {
    const { code, stderr } = await run(['check', 'nope', 'b.yaml']);
    expect(code).toBe(3);
    expect(stderr).toContain('error: document 1 of b.yaml is a Secret in the clear: shop/db\n');
    expect(stderr).toContain('error: open nope: no such file or directory\n');
  });
});

describe('kubeseal check --json', () => {
  it('is -o json', async () => {
    const [short, long] = [await run(['check', '--json', '.']), await run(['check', '-o', 'json', '.'])];
    expect(short).toEqual(long);
    expect(await run(['check', '--json', '-o', 'json', '.'])).toEqual(long);
  });
  it('is refused beside another format', async () => {
    const { code, stdout, stderr } = await run(['check', '--json', '-o', 'sarif', '.']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--json and -o sarif exclude each other');
  });
});

describe('kubeseal why --fail-fast', () => {
  it('stops at the first file that cannot be read', async () => {
    const objects = async (...argv: readonly string[]) => {
      const { code, stdout } = await run(['why', '--json', ...argv, 'nope', 'a.json']);
      const { sealedSecrets, errors } = JSON.parse(stdout) as Record<string, unknown[]>;
      return { code, objects: sealedSecrets?.length, errors: errors?.length };
    };
    expect(await objects()).toEqual({ code: 1, objects: 1, errors: 1 });
    expect(await objects('--fail-fast')).toEqual({ code: 1, objects: 0, errors: 1 });
  });
});
