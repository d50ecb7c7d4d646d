import { describe, expect, it } from 'vitest';
import { CERT } from './testing/keys.ts';
import { runCli } from './testing/run-cli.ts';

const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata: {host: db.test}\n';
const seal = async (secret: string) =>
  (await runCli({ argv: ['--cert', 'c', '-oyaml'], files: { c: CERT }, stdin: secret })).stdout;
const check = (files: Readonly<Record<string, string>>) =>
  runCli({ argv: ['check', ...Object.keys(files)], files });

describe('kubeseal check', () => {
  it('says nothing of files that may be committed', async () => {
    const files = {
      'sealed.yaml': `${CONFIG}---\n${await seal(SECRET)}`,
      'empty.yaml': '',
      'playbook.yaml': '- hosts: all\n',
      'package.json': '{"name": "x", "data": {}}',
      'reference.yaml': 'kind: HelmRelease\nspec: {valuesFrom: [{kind: Secret, name: db}]}\n',
      'no-items.yaml': 'kind: Secret\nmetadata: {name: token}\ntype: kubernetes.io/service-account-token\n',
      'chart.yaml': 'kind: ConfigMap\ndata:\n  {{- range .Values.hosts }}\n  a: {{ . }}\n  {{- end }}\n',
    };
    expect(await check(files)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
  it.each([
    ['YAML', SECRET],
    ['base64', 'kind: Secret\nmetadata: {name: db, namespace: shop}\ndata: {password: aHVudGVyMg==}\n'],
    [
      'JSON',
      '{"kind": "Secret", "metadata": {"name": "db", "namespace": "shop"}, "data": {"a": "aHVudGVyMg=="}}',
    ],
    ['flow style', '{kind: "Secret", metadata: {name: db, namespace: shop}, stringData: {a: hunter2}}'],
    [
      'another order',
      'stringData: {a: hunter2}\nmetadata: {namespace: shop, name: db}\nkind: "Secret" # it is\n',
    ],
  ])('names file, document and object of a Secret in %s, and never a value', async (_what, text) => {
    const { code, stdout, stderr } = await check({ 'x.yaml': text });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: document 1 of x\.yaml is a Secret in the clear: shop\/db\nhint: seal a Secret /,
    );
    expect(stderr).not.toMatch(/hunter2|aHVudGVy/);
  });
  it.each([
    ['UTF-16 as Windows PowerShell writes it', Buffer.from(`\ufeff${SECRET}`, 'utf16le')],
    ['UTF-16, the other way round', Buffer.from(`\ufeff${SECRET}`, 'utf16le').swap16()],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${SECRET}`)],
    ['lines of Windows', Buffer.from(SECRET.replaceAll('\n', '\r\n'))],
    ['fields in capitals', Buffer.from(SECRET.replace('kind', 'Kind').replace('stringData', 'StringData'))],
  ])('finds a Secret in %s', async (_what, bytes) => {
    const { code, stderr } = await runCli({ argv: ['check', 'x'], files: { x: bytes } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: document 1 of x is a Secret in the clear: shop\/db\n/);
  });
  it.each(['List', 'SecretList'])('looks into a %s', async (kind) => {
    const list = `kind: ${kind}\nitems:\n- {kind: Secret, metadata: {name: a}, data: {}}\n- {kind: Secret, metadata: {name: b}, data: {k: eA==}}\n`;
    expect((await check({ l: list })).stderr).toMatch(
      /^error: item 2 of document 1 of l is a Secret .*: b\n/,
    );
  });
  it.each([
    ['a Secret that says it is a list', `${SECRET}items: []\n`, /^error: document 1 of x is a Secret/],
    ['an array of objects', JSON.stringify([{ kind: 'Secret', data: { k: 'eA==' } }]), /^error: item 1 of /],
    ['a Template of OpenShift', 'objects: [{kind: Secret, data: {k: eA==}}]', /^error: item 1 of document 1/],
    [
      'a list with Helm in it',
      '{{ if a }}\nitems:\n  - kind: Secret\n    data: {k: eA==}',
      /^error: x seems to/,
    ],
  ])('finds %s', async (_what, text, message) => {
    expect((await check({ x: text })).stderr).toMatch(message);
  });
  it('takes what a SecretList holds for Secrets, as the API does', async () => {
    const list = 'kind: SecretList\nitems: [{metadata: {name: b}, data: {k: eA==}}]\n';
    expect((await check({ l: list })).code).toBe(1);
  });
  it('reports everything at once, each in a line of its own', async () => {
    const { stderr } = await check({ 'a.yaml': `${CONFIG}---\n${SECRET}`, 'b.yaml': SECRET });
    expect(stderr.split('\n').filter((line) => line.startsWith('error: '))).toEqual([
      'error: document 2 of a.yaml is a Secret in the clear: shop/db',
      'error: document 1 of b.yaml is a Secret in the clear: shop/db',
    ]);
  });
  it.each(['hunter2', 'aHVudGVyMg==', '""', '7', `${'A'.repeat(40)}==`])(
    'finds an item of a SealedSecret that is not sealed: %s',
    async (value) => {
      const sealed = (await seal(SECRET)).replace(/password: .*/, `password: ${value}`);
      const { code, stderr } = await check({ 's.yaml': sealed });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: document 1 of s\.yaml: item password of SealedSecret shop\/db is not sealed\n/,
      );
    },
  );
  it.each([
    ['beside its spec', 'stringData: {a: hunter2}', 'has items in the clear beside its spec'],
    ['in the legacy field', 'spec: {data: aHVudGVyMg==}', 'spec.data of SealedSecret db is not sealed'],
    [
      'in place of items',
      'spec: {encryptedData: hunter2}',
      'spec.encryptedData of SealedSecret db is not sealed',
    ],
  ])('finds what is in the clear in a SealedSecret %s', async (_where, fields, finding) => {
    const { code, stderr } = await check({ s: `kind: SealedSecret\nmetadata: {name: db}\n${fields}\n` });
    expect(code).toBe(1);
    expect(stderr).toContain(finding);
    expect(stderr).not.toMatch(/hunter2|aHVudGVy/);
  });
  it('refuses what looks like a Secret in a file that it cannot read', async () => {
    const template = `{{- if .Values.on }}\n${SECRET}{{- end }}\n`;
    const flow = '{{ $x }} {kind: Secret, data: {a: eA==}}';
    for (const text of [template, flow]) {
      expect((await check({ 'chart.yaml': text })).stderr).toMatch(
        /^error: chart\.yaml seems to hold a Secret/,
      );
    }
  });
  it('fails when a file is missing', async () => {
    const { code, stderr } = await runCli({ argv: ['check', 'nope.yaml'] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: open nope\.yaml: no such file or directory/);
  });
});

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
    expect(stderr).toMatch(/^error: .*\nhint: (.*\n)?usage: kubeseal check \[--quiet\] -- FILE\.\.\.\n$/);
  });
  it('takes every name behind -- for a file', async () => {
    const named = { '--cert=c.yaml': CERT, '-fs.yaml': CONFIG, '-': CONFIG, '--quiet': SECRET };
    const result = await runCli({
      argv: ['check', '--', ...Object.keys(named)],
      files: named,
      stdin: SECRET,
    });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^error: document 1 of --quiet is a Secret in the clear: shop\/db\nhint: /);
  });
  it('reads stdin where a dash stands before --', async () => {
    const { code, stderr } = await run('-');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: document 1 of stdin is a Secret in the clear: shop\/db\n/);
  });
  it.each(['--help', '-h'])('explains itself with %s alone', async (flag) => {
    const { code, stdout } = await run(flag);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^usage: kubeseal check .*\nFinds Secrets in the clear/);
    expect((await runCli({ argv: ['help', 'check'] })).stdout).toBe(stdout);
  });
  it('is no command behind a flag: there upstream ignores arguments', async () => {
    const { stdout } = await runCli({ argv: ['--cert', 'c.yaml', 'check', 'db.yaml'], files, stdin: SECRET });
    expect(stdout).toContain('"kind": "SealedSecret"');
  });
});
