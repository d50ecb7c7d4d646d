import { SEALING_NOTE } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { KEYS, sealedYaml, WITH_KEY } from '../../testing/opened.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const A = await sealedYaml({ password: 'hunter2', user: 'ann', old: 'x' });
const B = await sealedYaml({ password: 'hunter2', user: 'bob', fresh: 'y' });
/** A with the password sealed again, another user, an item less and one more. */
const diff = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ ...more, argv: ['diff', ...argv], files: { ...KEYS, a: A, b: B, ...more.files } });

describe('kubeseal diff', () => {
  it('compares item by item without a key', async () => {
    const { code, stdout, stderr } = await diff(['a', 'b']);
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: [
        'shop/db (a, b)',
        '  - old',
        '  ~ password: sealed value differs',
        '  ~ user: sealed value differs',
        '  + fresh',
        '',
      ].join('\n'),
      stderr: 'note: 1 of 1 SealedSecrets differ\n',
    });
  });
  it('says with keys whether the values differ, and shows none', async () => {
    const { code, stdout } = await diff(['a', 'b', ...WITH_KEY]);
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout:
        'shop/db (a, b)\n  - old\n  ~ password: sealed again, same value\n  ~ user: another value\n  + fresh\n',
    });
    const other = await diff(['a', 'b', '--recovery-private-key', 'other.pem']);
    expect(other.stdout).toContain('  ~ user: sealed value differs (no given key opens it)\n');
    expect(`${stdout}${other.stdout}`).not.toMatch(/hunter2|ann|bob/);
  });
  it('shows values only on request, in quotes that no terminal obeys', async () => {
    const b = await sealedYaml({ password: 'a\u001b[31m"', user: 'ann', old: new Uint8Array([0xff]) });
    const { stdout } = await diff(['a', 'b', ...WITH_KEY, '--show-values'], { files: { b } });
    expect(stdout).toBe(
      'shop/db (a, b)\n  ~ old: another value; "x" -> base64:/w==\n  ~ password: another value; "hunter2" -> "a\\u001b[31m\\""\n  ~ user: sealed again, same value; "ann" -> "ann"\n',
    );
  });
  it('goes on after a file that cannot be read, and with --fail-fast compares nothing', async () => {
    const files = { 'left/a.yaml': A, 'left/b.yaml': 'kind: SealedSecret\n  x: [', 'right/a.yaml': B };
    const printed = async (...argv: readonly string[]) => {
      const { code, stdout, stderr } = await diff([...argv, 'left', 'right', '--json', '--quiet'], { files });
      const { sealedSecrets, errors } = JSON.parse(stdout) as Record<string, unknown[]>;
      const isNamed = stderr.includes('left/b.yaml');
      return { code, compared: sealedSecrets?.length, errors: errors?.length, isNamed };
    };
    expect(await printed()).toEqual({ code: 1, compared: 1, errors: 1, isNamed: true });
    expect(await printed('--fail-fast')).toEqual({ code: 1, compared: 0, errors: 1, isNamed: true });
    const { stdout } = await diff(['nope', '-', '--fail-fast']);
    expect(stdout).toBe('');
  });
  it('ends with 0 if nothing differs, or with keys only sealed values', async () => {
    expect(await diff(['a', 'a'])).toMatchObject({ code: 0, stdout: '' });
    const again = await sealedYaml({ password: 'hunter2', user: 'ann', old: 'x' });
    expect(await diff(['a', 'b'], { files: { b: again } })).toMatchObject({ code: 3 });
    const { code, stdout } = await diff(['a', 'b', ...WITH_KEY], { files: { b: again } });
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 5 });
  });
  it('names what differs beside the items, without what templates hold', async () => {
    const metadata = { labels: { app: 'web' } };
    const template = { type: 'kubernetes.io/basic-auth', metadata, data: { config: 'hunter2' } };
    const b = A.replace('name: db', 'name: web').replaceAll('namespace: shop', 'namespace: lab');
    const files = {
      b,
      c: await sealedYaml({ a: 'x' }, { scope: 'namespace-wide' }),
      d: await sealedYaml({ a: 'x' }, { template }),
    };
    const moved = await diff(['a', 'b'], { files });
    expect(moved.stdout).toContain('lab/web (a, b)\n  ~ name: db -> web\n  ~ namespace: shop -> lab\n');
    const { code, stdout } = await diff(['c', 'd'], { files });
    expect(code).toBe(3);
    expect(stdout).toContain(
      '  ~ scope: namespace-wide -> strict\n  ~ type: none -> kubernetes.io/basic-auth\n',
    );
    expect(stdout).toContain('  ~ template.data.config\n');
    expect(stdout).toContain('  ~ template.metadata.labels.app\n');
    expect(stdout).not.toContain('hunter2');
  });
  it('compares directories by namespace and name', async () => {
    const web = await sealedYaml({ a: 'x' }, { name: 'web' });
    const files = {
      'x/db.yaml': A,
      'x/web.yaml': web,
      'y/all.yaml': `${A}${await sealedYaml({ a: 'x' }, { name: 'new' })}`,
    };
    const { code, stdout } = await diff(['x', 'y'], { files });
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: '- shop/web (x/web.yaml)\n  - a\n+ shop/new (y/all.yaml)\n  + a\n',
    });
  });
  it('takes the sealing note for no difference of its own', async () => {
    const note = (key: string) =>
      A.replace(/^metadata:\n/m, `metadata:\n  annotations: {${SEALING_NOTE}: '{"${key}":{}}'}\n`);
    const files = { a: note('SHA256:a'), b: note('SHA256:b') };
    expect(files.a).toContain('sealed-with');
    expect(await diff(['a', 'b'], { files })).toMatchObject({ code: 0, stdout: '' });
  });
  it('reads stdin', async () => {
    expect(await diff(['-', 'a'], { stdin: A })).toMatchObject({ code: 0 });
  });
  it('prints a JSON document', async () => {
    const { code, stdout } = await diff(['a', 'b', '--json', ...WITH_KEY]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      differs: true,
      sealedSecrets: [
        {
          namespace: 'shop',
          name: 'db',
          before: 'a',
          after: 'b',
          differs: true,
          fields: [],
          items: [
            { item: 'old', change: 'removed' },
            { item: 'password', change: 'changed', plaintext: 'same' },
            { item: 'user', change: 'changed', plaintext: 'differs' },
            { item: 'fresh', change: 'added' },
          ],
        },
      ],
      errors: [],
    });
  });
  it('reports what cannot be read, and compares the rest', async () => {
    const files = { 'x/db.yaml': A, 'x/bad.yaml': 'kind: SealedSecret\n  x: [\n', 'y/db.yaml': A };
    const { code, stderr } = await diff(['x', 'y'], { files });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*x\/bad\.yaml/m);
  });
  it.each([
    [['a'], 2, 'diff: it needs A B'],
    [['-', '-'], 2, 'diff: stdin cannot be compared with itself'],
    [['a', 'b', '--show-values'], 2, 'diff: nothing is given that opens the values'],
    [['a', 'missing'], 1, 'open missing: no such file or directory'],
  ])('refuses %j', async (argv, code, message) => {
    const run = await diff(argv);
    expect({ code: run.code, error: run.stderr.match(/^error: .*$/m)?.[0] }).toEqual({
      code,
      error: `error: ${message}`,
    });
  });
  it('shows no values in a pipeline', async () => {
    const run = await diff(['a', 'b', ...WITH_KEY, '--show-values'], { env: { CI: 'true' } });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 1, stdout: '' });
    expect((await diff(['a', 'b', ...WITH_KEY], { env: { CI: 'true' } })).code).toBe(3);
  });
});
