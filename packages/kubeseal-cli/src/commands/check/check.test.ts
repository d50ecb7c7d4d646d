import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CERT } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';
import { COMMANDS } from '../table.ts';

const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\ndata: {host: db.test}\n';
const seal = async (secret: string) =>
  (await runCli({ argv: ['--cert', 'c', '-oyaml'], files: { c: CERT }, stdin: secret })).stdout;
const check = (files: Readonly<Record<string, string>>) =>
  runCli({ argv: ['check', ...Object.keys(files)], files });

describe('kubeseal check', () => {
  it('fails with a code of its own, which becomes the exit code 3', async () => {
    const io = {
      ...{ stdin: { isTty: false, read: async () => Buffer.from(SECRET) }, env: {}, cwd: '/' },
      ...{ stdout: { write: async () => undefined }, stderr: { isTty: false, write: () => undefined } },
      ...{ programName: 'kubeseal', now: () => new Date() },
    };
    const flags = {
      quiet: false,
      output: 'text',
      certs: [],
      'allowed-signers': '',
      baseline: '',
      'write-baseline': false,
      strict: false,
    };
    const world = {
      ...{ io, warns: false, warn: () => undefined, endWith: () => undefined },
      ...{ version: '1', commands: COMMANDS },
    };
    const run = COMMANDS['check']?.run({ flags, changed: new Set(), arguments: ['-'] }, world);
    await expect(run).rejects.toMatchObject({ code: 'ERR_FINDINGS' });
  });
  it('prints nothing about files that may be committed', async () => {
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
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
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
    expect(code).toBe(3);
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
      /^error: x looks like a Secret but/,
    ],
  ])('finds %s', async (_what, text, message) => {
    expect((await check({ x: text })).stderr).toMatch(message);
  });
  it('treats the items of a SecretList as Secrets, like the API', async () => {
    const list = 'kind: SecretList\nitems: [{metadata: {name: b}, data: {k: eA==}}]\n';
    expect((await check({ l: list })).code).toBe(3);
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
      expect(code).toBe(3);
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
    expect(code).toBe(3);
    expect(stderr).toContain(finding);
    expect(stderr).not.toMatch(/hunter2|aHVudGVy/);
  });
  it('refuses a file that it cannot parse and that looks like a Secret', async () => {
    const template = `{{- if .Values.on }}\n${SECRET}{{- end }}\n`;
    const flow = '{{ $x }} {kind: Secret, data: {a: eA==}}';
    for (const text of [template, flow]) {
      expect((await check({ 'chart.yaml': text })).stderr).toMatch(
        /^error: chart\.yaml looks like a Secret but is neither valid YAML nor JSON/,
      );
    }
  });
  it.each([
    ['its annotations', 'metadata: {name: db, annotations: {A: B}}\n'],
    [
      "its template's annotations",
      'metadata: {name: db}\nspec: {template: {metadata: {annotations: {A: B}}}}\n',
    ],
  ])('finds a copy of a Secret in %s, however it is encoded', async (_where, fields) => {
    const copy = JSON.stringify({ kind: 'Secret', stringData: { a: 'hunter2' } });
    const packed = Buffer.from(gzipSync(copy)).toString('base64');
    for (const text of [copy, packed, 'kind: Secret\ndata: {a: aHVudGVyMg==}\n']) {
      const s = `kind: SealedSecret\n${fields.replace('A: B', `tool.example.com/original: ${JSON.stringify(text)}`)}`;
      const { code, stderr } = await check({ s });
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /^error: document 1 of s: annotation tool\.example\.com\/original of SealedSecret db holds a Secret in the clear\nhint: /,
      );
    }
  });
  it('accepts the copy that kubectl keeps of a SealedSecret', async () => {
    const sealed = await seal(SECRET);
    const copy = JSON.stringify(
      JSON.stringify({ kind: 'SealedSecret', spec: { encryptedData: { data: 'x' } } }),
    );
    const text = sealed.replace(
      'metadata:\n',
      `metadata:\n  annotations: {last-applied-configuration: ${copy}}\n`,
    );
    expect(await check({ text })).toMatchObject({ code: 0, stderr: '' });
  });
  it('finds items in spec.template.stringData, which is no field of a SealedSecret', async () => {
    const s = 'kind: SealedSecret\nmetadata: {name: db}\nspec: {template: {stringData: {a: hunter2}}}\n';
    expect((await check({ s })).stderr).toMatch(
      /^error: document 1 of s: SealedSecret db has items in the clear in spec\.template\.stringData\n/,
    );
  });
  it.each([
    ['SealedSecrets', 'spec: {encryptedData: {a: hunter2}}', 'item a of SealedSecret db is not sealed'],
    ['sealedsecret', 'spec: {encryptedData: {a: hunter2}}', 'item a of SealedSecret db is not sealed'],
    ['Secrets', 'stringData: {a: hunter2}', 'is a Secret in the clear: db'],
  ])('recognises the misspelled kind %s', async (kind, fields, finding) => {
    const { code, stderr } = await check({ s: `kind: ${kind}\nmetadata: {name: db}\n${fields}\n` });
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(finding) });
  });
  it.each([
    [
      'in lines',
      'encryptedData:\n    ok: SEALED\n    ref: {{ .Values.a | quote }}\n    __proto__: hunter2',
      '__proto__',
    ],
    ['in quotes', 'encryptedData:\n    \'a\': "hunter2" # new', 'a'],
    ['in braces', 'encryptedData: {ok: "SEALED", a: hunter2}', 'a'],
    ['in a block', 'encryptedData:\n    ok: >-\n      SEALED\n    a: |\n      hunter2', 'a'],
    ['in a literal of the template', 'encryptedData:\n    a: {{ "hunter2" | quote }}', 'a'],
  ])('finds an item that is not sealed in a Helm template, %s', async (_where, field, item) => {
    const sealed = /password: (\S+)/.exec(await seal(SECRET))?.[1] ?? '';
    const head = 'kind: SealedSecret\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  ';
    const text = `${head}${field.replace('SEALED', sealed)}\n  template:\n    type: Opaque\n`;
    const { code, stderr } = await check({ 'h.yaml': text });
    expect(code).toBe(3);
    expect(stderr.split('\n').slice(0, -2)).toEqual([
      `error: h.yaml: item ${item} of a SealedSecret is not sealed`,
    ]);
  });
  it('accepts a Helm template of a SealedSecret if each item is sealed or comes from elsewhere', async () => {
    const sealed = /password: (\S+)/.exec(await seal(SECRET))?.[1] ?? '';
    const text = `{{- if .on }}
kind: SealedSecret
spec:
  encryptedData:
    {{- range $k, $v := .Values.sealed }}
    {{ $k }}: {{ $v }}
    {{- end }}
    a: ${sealed}
    b: "{{ index .Values "b-c" }}"
    c:
      {{ .Values.c }}
  template:
    metadata: {}
{{- end }}
`;
    expect(await check({ text })).toMatchObject({ code: 0, stderr: '' });
  });
  it.each([
    ['"{{ .Values.a }}"', 0],
    ["'{{ $value | quote }}'", 0],
    [`'{{ "hunter2" }}'`, 3],
    [`'{{ .Values.a | default "hunter2" }}'`, 3],
    ['"{{ .Values.a }}hunter2"', 3],
    ['"{{ .Values.a }}{{ .Values.b }}"', 3],
  ])('judges an item that is the template expression %s', async (value, code) => {
    const s = `kind: SealedSecret\nmetadata: {name: db}\nspec: {encryptedData: {a: ${value}}}\n`;
    expect((await check({ s })).code).toBe(code);
    expect((await check({ s: `kind: Secret\nstringData: {a: ${value}}\n` })).code).toBe(code);
  });
  const ENC = 'ENC[AES256_GCM,data:x0Zy,iv:abc=,tag:def==,type:str]';
  it.each([
    ['whole', `stringData: {a: "${ENC}", empty: ""}\nsops: {mac: "${ENC}"}`, 0],
    ['but for one item', `stringData: {a: "${ENC}", b: hunter2}\nsops: {mac: "${ENC}"}`, 3],
    ['without a code over it', `stringData: {a: "${ENC}"}`, 3],
    ['with something behind it', `stringData: {a: "${ENC} hunter2"}\nsops: {mac: "${ENC}"}`, 3],
  ])('judges a Secret that SOPS encrypted, %s', async (_what, fields, code) => {
    expect((await check({ s: `kind: Secret\nmetadata: {name: db}\n${fields}\n` })).code).toBe(code);
  });
  it('is not deceived by the base64 text of a long text: a wrapped key has 128 to 2,048 bytes', async () => {
    const long = Buffer.from(
      `-----BEGIN PRIVATE KEY-----\n${'PLAINTEXT-KEY-MATERIAL-'.repeat(2000)}`,
    ).toString('base64');
    const s = `kind: SealedSecret\nmetadata: {name: db}\nspec: {encryptedData: {tls.key: ${long}}}\n`;
    expect((await check({ s })).stderr).toMatch(/item tls\.key of SealedSecret db is not sealed\n/);
  });
  it.each([
    ['cut', (sealed: string) => sealed.slice(0, 200)],
    ['cut within a byte', (sealed: string) => sealed.slice(0, 201)],
    ['folded with blanks', (sealed: string) => `"${sealed.slice(0, 99)} ${sealed.slice(99)}"`],
  ])('reports a sealed value that was %s as damaged, not as known', async (_what, change) => {
    const text = (await seal(SECRET)).replace(
      /(password: )(\S+)/,
      (_all, field, value) => field + change(value),
    );
    const { code, stderr } = await check({ s: text });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^error: document 1 of s: item password of SealedSecret shop\/db is damaged: it was (?:cut or changed|wrapped into several lines)\nhint: .*again\n$/,
    );
    expect(stderr).not.toContain('counts as known');
  });
  it('fails when a file is missing', async () => {
    const { code, stderr } = await runCli({ argv: ['check', 'nope.yaml'] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: open nope\.yaml: no such file or directory/);
  });
});
