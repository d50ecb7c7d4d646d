import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inPlace } from '../../testing/kubeseal-process.ts';
import { KEYS, sealedYaml, WITH_KEY } from '../../testing/opened.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const DB = await sealedYaml({ password: 'hunter2', user: 'ann' });
const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({
    ...more,
    argv: ['unseal', ...argv, ...WITH_KEY],
    files: { ...KEYS, 'db.yaml': DB, ...more.files },
  });
const errorsIn = (stderr: string) => stderr.match(/^(?:error|hint): .*$/gm);

describe('kubeseal unseal', () => {
  it('prints the Secret that the controller would make, like --recovery-unseal does', async () => {
    const template = { data: { url: 'db://{{ .user }}:{{ .password }}@db', plain: 'x', user: null } };
    const stdin = await sealedYaml({ password: 'hunter2', user: 'ann' }, { template });
    const { code, stdout } = await run(['-'], { stdin });
    const old = ['--recovery-unseal', ...WITH_KEY, '-o', 'yaml'];
    const expected = await runCli({ argv: old, files: KEYS, stdin });
    expect(expected.code).toBe(0);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expected.stdout });
    expect(stdout).toContain(`url: ${btoa('db://ann:hunter2@db')}`);
  });
  it.each([
    ['dotenv', 'password=hunter2\nuser=ann\n'],
    ['flat-json', '{\n  "password": "hunter2",\n  "user": "ann"\n}\n'],
  ])('prints the items as %s', async (format, stdout) => {
    expect(await run(['db.yaml', '-o', format])).toMatchObject({ code: 0, stdout });
  });
  it('prints JSON for -o json, and what create reads for the others', async () => {
    const { stdout } = await run(['db.yaml', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Secret', data: { user: btoa('ann') } });
  });
  it('says on stderr where the values come from, and nothing with --quiet', async () => {
    expect((await run(['db.yaml'])).stderr).toBe('note: opened with the given private keys\n');
    expect((await run(['db.yaml', '--quiet'])).stderr).toBe('');
  });

  it.each([
    [['sealed', '--name', 'dbb'], 'there is no SealedSecret dbb in sealed'],
    [['sealed', '--name', 'db', '-n', 'lab', '-w', 'out.env'], 'there is no SealedSecret lab/db in sealed'],
    [['empty'], 'there is no SealedSecret in empty'],
  ])('fails where %j leads to nothing, so that a mistyped name shows', async (argv, message) => {
    const files = { 'sealed/db.yaml': DB, 'empty/values.yaml': 'a: 1\n' };
    const { code, stderr, stdout, files: after } = await run(argv, { files });
    expect({ code, stdout, errors: errorsIn(stderr) }).toEqual({
      code: 1,
      stdout: '',
      errors: [`error: ${message}`],
    });
    expect(after['out.env']).toBeUndefined();
  });

  describe('with --item', () => {
    it('prints the bytes of one value and nothing else', async () => {
      const stdin = await sealedYaml({ a: 'line\n', b: 'x' });
      expect(await run(['-', '--item', 'a'], { stdin })).toMatchObject({ code: 0, stdout: 'line\n' });
    });
    it('writes bytes that are no text as they are, to a pipe and to a file', async () => {
      const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));
      await inPlace({ ...KEYS, f: await sealedYaml({ a: bytes }) }, async ({ run: start, path }) => {
        const argv = ['kubeseal', 'unseal', 'f', '--item', 'a', ...WITH_KEY] as const;
        expect((await start(argv)).bytes).toEqual(bytes);
        expect((await start([...argv, '-w', 'out'])).code).toBe(0);
        expect(await readFile(path('out'))).toEqual(bytes);
      });
    });
    it('opens the one item although others stay closed', async () => {
      const broken = DB.replace(/user: .*/, 'user: AgBY');
      expect(await run(['-', '--item', 'password'], { stdin: broken })).toMatchObject({
        code: 0,
        stdout: 'hunter2',
      });
    });
    it('prints what a template makes of the values', async () => {
      const stdin = await sealedYaml({ a: 'x' }, { template: { data: { url: 'db://{{ .a }}' } } });
      expect(await run(['-', '--item', 'url'], { stdin })).toMatchObject({ code: 0, stdout: 'db://x' });
    });
    it.each([
      ['an item that is not there', ['db.yaml', '--item', 'pass'], 'no SealedSecret has the item pass'],
      ['an item of several', ['.', '--item', 'user'], '2 SealedSecrets have the item user'],
    ])('refuses %s', async (_what, argv, message) => {
      const { code, stdout, stderr } = await run(argv, {
        files: { 'web.yaml': DB.replace('name: db', 'name: web') },
      });
      expect({ code, stdout, error: errorsIn(stderr)?.[0] }).toEqual({
        code: 1,
        stdout: '',
        error: `error: ${message}`,
      });
    });
  });

  describe('with -w', () => {
    it.each([
      ['.env', 'password=hunter2\nuser=ann\n'],
      ['a.json', expect.stringContaining('"kind": "Secret"')],
      ['a.yaml', expect.stringContaining('kind: Secret')],
    ])('writes a private file, in the format of its name: %s', async (file, content) => {
      const { code, stdout, files, modes } = await run(['db.yaml', '-w', file]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      expect({ content: files[file], mode: modes[file] }).toEqual({ content, mode: 0o600 });
    });
    it('keeps a file that exists, and replaces it with --force if it is private', async () => {
      const kept = await run(['db.yaml', '-w', 'db.yaml']);
      expect({ code: kept.code, file: kept.files['db.yaml'] }).toEqual({ code: 1, file: DB });
      expect(errorsIn(kept.stderr)).toEqual([
        'error: db.yaml exists already',
        'hint: delete it first, or give --force',
      ]);
      const files = { '.env': 'old\n' };
      const open = await run(['db.yaml', '-w', '.env', '--force'], { files, modes: { '.env': 0o644 } });
      expect({ code: open.code, file: open.files['.env'] }).toEqual({ code: 1, file: 'old\n' });
      expect(errorsIn(open.stderr)?.[0]).toBe('error: others can read .env');
      const replaced = await run(['db.yaml', '-w', '.env', '--force'], { files, modes: { '.env': 0o600 } });
      expect(replaced.files['.env']).toBe('password=hunter2\nuser=ann\n');
    });
    it('writes nothing when one of several SealedSecrets stays closed', async () => {
      const files = { 'bad.yaml': DB.replace('name: db', 'name: moved') };
      const { code, files: after } = await run(['db.yaml', 'bad.yaml', '-w', 'out.yaml'], { files });
      expect({ code, out: after['out.yaml'] }).toEqual({ code: 1, out: undefined });
    });
  });

  it('goes on after a SealedSecret that stays closed, and reports each item and why', async () => {
    const files = {
      'd/bad.yaml': DB.replace(/user: .*/, 'user: AgBY').replace('name: db', 'name: moved'),
      'd/good.yaml': DB,
    };
    const { code, stdout, stderr } = await run(['d'], { files });
    expect({ code, secrets: stdout.match(/^ {2}name: .*/gm), errors: errorsIn(stderr) }).toEqual({
      code: 1,
      secrets: ['  name: db'],
      errors: [
        'error: document 1 of d/bad.yaml stays closed (password: no given key opens it; user: it is damaged)',
      ],
    });
    const first = await run(['d', '--fail-fast'], { files });
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 1, stdout: '' });
  });
  it.each([
    ['-o', 'yaml'],
    ['-o', 'json'],
    ['-o', 'dotenv'],
    ['--item', 'user'],
  ])('prints on a terminal nothing that it obeys: %s %s', async (...format) => {
    const db = await sealedYaml({ user: 'x\u009b31m' });
    const template = '  template: {metadata: {labels: {a: "\\u009b31m\\u001b[2J"}}}\n';
    const files = { 'db.yaml': db.replace(/^ {2}template:\n(?: {4}.*\n)*/m, '').concat(template) };
    const { code, stdout } = await run(['db.yaml', ...format], { files, tty: { stdout: true } });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
  it('opens the SealedSecrets that --name and -n choose', async () => {
    const files = { 'all.yaml': `${DB}${await sealedYaml({ a: 'x' }, { name: 'web' })}` };
    const { stdout } = await run(['all.yaml', '--name', 'web', '-o', 'dotenv'], { files });
    expect(stdout).toBe('a=x\n');
    const { code, stderr } = await run(['all.yaml', '--name', 'no'], { files });
    expect({ code, errors: errorsIn(stderr) }).toEqual({
      code: 1,
      errors: ['error: there is no SealedSecret no in all.yaml'],
    });
  });
  it('refuses two SealedSecrets with the same item in one .env file', async () => {
    const files = { 'all.yaml': `${DB}${await sealedYaml({ user: 'x' }, { name: 'web' })}` };
    const { code, stderr } = await run(['all.yaml', '-o', 'dotenv'], { files });
    expect({ code, error: errorsIn(stderr)?.[0] }).toEqual({
      code: 1,
      error: 'error: several SealedSecrets have the item user',
    });
  });
  it('refuses the deprecated spec.data', async () => {
    const stdin =
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec: {data: AgB=}\n';
    const { code, stderr } = await run(['-'], { stdin });
    expect({ code, error: errorsIn(stderr)?.[0] }).toEqual({
      code: 1,
      error: 'error: document 1 of stdin has the deprecated field spec.data, which cannot be opened',
    });
  });
  it('opens nothing in a pipeline, unless that is allowed', async () => {
    const env = { CI: 'true' };
    const { code, stdout, stderr } = await run(['db.yaml'], { env });
    expect({ code, stdout, error: errorsIn(stderr)?.[0] }).toEqual({
      code: 1,
      stdout: '',
      error: 'error: values are not opened in a pipeline (the variable CI is set)',
    });
    expect((await run(['db.yaml', '--allow-ci'], { env })).code).toBe(0);
  });
  it.each([
    [['unseal', 'f'], 'unseal: nothing is given that opens the values'],
    [['unseal'], 'unseal: no file is given'],
    [
      ['unseal', 'f', ...WITH_KEY, '--item', 'a', '-o', 'json'],
      'unseal: --item prints a bare value, so --format cannot be given',
    ],
    [['unseal', 'f', ...WITH_KEY, '--force'], 'unseal: --force needs --output-file'],
    [
      ['unseal', 'f', ...WITH_KEY, '--from-cluster'],
      'unseal: --recovery-private-key and --from-cluster exclude each other',
    ],
    [
      ['unseal', 'f', ...WITH_KEY, '-o', 'xml'],
      'unseal: invalid argument "xml" for "-o, --format" flag: must be one of: yaml, json, dotenv, flat-json',
    ],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await runCli({ argv, files: KEYS });
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: ${message}` });
  });
});
