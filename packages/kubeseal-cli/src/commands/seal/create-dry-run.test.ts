import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { vector } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { NOW, REPOSITORY, SETTINGS } from '../../testing/three-clusters.ts';

const PLAIN = 'hunter2-hunter2';

/** A dry run in a world without a cluster and, unless a test gives one, without a certificate. */
async function dryRun(argv: readonly string[], more: Partial<CliRun> = {}) {
  const result = await runCli({ now: NOW, ...more, argv: ['create', '--dry-run', ...argv] });
  const before = Object.keys(more.files ?? {}).sort();
  return { ...result, isUntouched: Object.keys(result.files).sort().join() === before.join() };
}

describe('kubeseal create --dry-run', () => {
  it.each([
    ['an argument', [`password=${PLAIN}`]],
    ['a file', ['password=@f']],
    ['stdin', ['password=@-']],
    ['a .env file', ['--from-env-file', 'env']],
    ['JSON', ['--from-json', 'json']],
  ])('shows no value of %s, in a diff or in JSON', async (_source, argv) => {
    const files = { f: PLAIN, env: `password=${PLAIN}\n`, json: JSON.stringify({ password: PLAIN }) };
    for (const form of [[], ['--json']]) {
      const { code, stdout, stderr, isUntouched } = await dryRun(['shop/db', ...argv, ...form], {
        files,
        stdin: PLAIN,
      });
      expect({ code, isUntouched }).toEqual({ code: 0, isUntouched: true });
      expect(stdout).toContain('password');
      for (const text of [PLAIN, Buffer.from(PLAIN).toString('base64')])
        expect(stdout + stderr).not.toContain(text);
    }
  });
  it('asks for nothing, and takes an item that would be typed into the checks of the type', async () => {
    const argv = ['shop/db', '--type', 'basic-auth', 'username=ann', 'password'];
    for (const stdin of [true, false]) {
      const { code, stdout, stderr } = await dryRun(argv, { stdin: PLAIN, tty: { stdin } });
      expect(code).toBe(0);
      expect(stderr).toBe('note: would have created shop/db with password, username\n');
      expect(stdout).toContain('+      "password": "<sealed>",\n');
    }
    const lacking = await dryRun(['shop/db', '--type', 'basic-auth', 'user']);
    expect(lacking).toMatchObject({ code: 1, stdout: '' });
  });
  it.each([
    ['tls', 'tls.crt, tls.key'],
    ['ssh-auth', 'ssh-privatekey'],
    ['docker-registry', '.dockerconfigjson'],
  ])('judges no value that nobody typed: type %s', async (type, names) => {
    const { code, stderr } = await dryRun(['shop/db', '--type', type, ...names.split(', ')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `note: would have created shop/db with ${names}\n` });
    const [first = ''] = names.split(', ');
    const given = await dryRun(['shop/db', '--type', type, ...names.split(', ').map((name) => `${name}=x`)]);
    expect({ code: given.code, stdout: given.stdout }).toEqual({ code: 1, stdout: '' });
    expect(given.stderr).toContain(first);
  });
  it('renders no template of a value that nobody typed, and refuses one that holds a value', async () => {
    const argv = ['shop/db', 'number', `password=${PLAIN}`];
    const fine = await dryRun([...argv, '--template', 'a={{ .number | fromJson }}']);
    expect(fine.code).toBe(0);
    const leaking = await dryRun([...argv, '--template', `a={{ .number }}:${PLAIN}`]);
    expect(leaking.code).toBe(1);
    expect(leaking.stdout + leaking.stderr).not.toContain(PLAIN);
  });
  it('prints a diff that git apply makes the file of', async () => {
    const { stdout } = await dryRun(['shop/db', 'a=1', '-w', 'new/db.yaml', '--scope', 'cluster-wide'], {
      files: { 'new/x': '' },
    });
    const cwd = mkdtempSync(join(tmpdir(), 'create-dry-run-'));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    execFileSync('git', ['apply', '-'], { cwd, input: stdout });
    expect(readFileSync(join(cwd, 'new/db.yaml'), 'utf8')).toContain('\n    a: <sealed>\n');
  });
  it('shows what a run writes, but for values and the note of the key', async () => {
    const argv = ['shop/db', 'a=1', '--label', 'app=web', '--annotation', 'b=c', '--template', 'u={{ .a }}'];
    const { stdout } = await dryRun([...argv, '-w', 'db.yaml']);
    const { files } = await runCli({
      argv: ['create', ...argv, '--no-note', '--cert', 'c', '-w', 'db.yaml'],
      files: { c: vector('kubeseal/a.crt') },
    });
    const added = stdout.match(/^\+(?!\+\+ ).*$/gm)?.map((line) => `${line.slice(1)}\n`);
    expect(added?.join('')).toBe(files['db.yaml']?.replace(/^( +a: ).*$/m, '$1<sealed>'));
  });
  it('shows the file of every cluster, of which none is written', async () => {
    const files = { ...REPOSITORY, '.kubeseal.yaml': `${SETTINGS}output: "new/{cluster}/{name}.yaml"\n` };
    const { code, stdout, isUntouched } = await dryRun(['shop/db', 'a=1', '--all'], { files });
    expect({ code, isUntouched }).toEqual({ code: 0, isUntouched: true });
    expect(stdout.match(/^\+\+\+ .*$/gm)).toEqual(
      ['prod', 'stage', 'dev'].map((name) => `+++ b/new/${name}/db.yaml`),
    );
    const report = await dryRun(['shop/db', 'a=1', '--all', '--json'], { files });
    expect(JSON.parse(report.stdout)).toEqual({
      schemaVersion: 1,
      dryRun: true,
      sealedSecrets: ['prod', 'stage', 'dev'].map((name) => ({
        file: `new/${name}/db.yaml`,
        namespace: 'shop',
        name: 'db',
        changed: true,
        items: [{ item: 'a', change: 'added' }],
      })),
      errors: [],
    });
  });
  it.each([
    [['shop/db', 'a=1', '-w', 'there'], 'there exists already'],
    [['shop/db', 'a=1', '-w', '.'], 'open .: is a directory'],
    [['shop/db', 'a=@missing'], 'missing'],
    [['shop/db', 'a=1', 'a=2'], 'given twice'],
    [['shop/DB', 'a=1'], 'as Kubernetes allows it'],
    [['db', 'a=1', '--no-config', '--kubeconfig', 'none'], 'the namespace of db is missing'],
    [['shop/db', '--from-env-file', 'broken'], 'broken'],
  ])('fails like the run itself for %j', async (argv, message) => {
    const files = { there: 'x', broken: 'A="' };
    const { code, stdout, stderr, isUntouched } = await dryRun(argv, { files });
    expect({ failed: code !== 0, stdout, isUntouched }).toEqual({
      failed: true,
      stdout: '',
      isUntouched: true,
    });
    expect(stderr).toContain(message);
  });
});

describe('kubeseal create --json', () => {
  it.each([[['--for', 'prod']], [['-w', '-']], [[]]])(
    'is refused with %j, where the SealedSecret goes to stdout',
    async (argv) => {
      const { code, stdout, stderr } = await runCli({
        argv: ['create', 'shop/db', 'a=1', '--json', ...argv],
        files: REPOSITORY,
        now: NOW,
      });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('--json needs -w FILE or --dry-run');
    },
  );
  it('is refused beside public keys', async () => {
    const argv = ['create', 'shop/db', '--generate', 'k=ssh', '--print-public', '--json', '-w', 'f'];
    const { code, stderr } = await runCli({ argv });
    expect(code).toBe(2);
    expect(stderr).toContain('--print-public and --json both need stdout');
  });
});
