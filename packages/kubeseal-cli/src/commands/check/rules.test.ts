import { describe, expect, it } from 'vitest';
import { NEW, sealed } from '../../testing/inspected.ts';
import { runCli } from '../../testing/run-cli.ts';

type Files = Readonly<Record<string, string>>;
const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by));

/** What `kubeseal check -o json` finds: rule, line and message of each. */
async function rulesIn(
  files: Files,
  ...args: string[]
): Promise<{ code: number; found: [string, number, string][] }> {
  const { code, stdout, stderr } = await runCli({ argv: ['check', '-o', 'json', ...args, '.'], files });
  expect(`${stdout}${stderr}`).not.toMatch(/hunter2|aHVudGVyMg/);
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; line: number; message: string }[] };
  return { code, found: findings.map(({ rule, line, message }) => [rule, line, message]) };
}
/** The SealedSecret shop/db with other fields. */
async function changed(change: (object: Sealed) => void): Promise<string> {
  const object = JSON.parse(await sealed('db', { password: 'hunter2' })) as Sealed;
  change(object);
  return JSON.stringify(object, undefined, 2);
}
interface Sealed {
  metadata: { name: string; namespace: string; annotations?: Record<string, unknown> };
  spec: { encryptedData: Record<string, string>; template: Record<string, unknown> };
}

describe('kubeseal check, for plain Secrets inside of other objects', () => {
  it.each([
    ['the string of a ConfigMap', `kind: ConfigMap\ndata:\n  db.yaml: |\n${indented(SECRET, 4)}`, 3],
    [
      'the values of a HelmRelease',
      `kind: HelmRelease\nspec:\n  values:\n    extra:\n    - ${indented(SECRET, 6).trim()}\n`,
      7,
    ],
    ['a patch of Kustomize', `kind: Kustomization\npatches:\n- patch: |-\n${indented(SECRET, 4)}`, 3],
    ['a manifest in a manifest', `kind: Object\nspec:\n  manifest:\n${indented(SECRET, 4)}`, 6],
  ])('finds one in %s, and its line', async (_where, text, line) => {
    const { code, found } = await rulesIn({ 'a.yaml': text });
    expect(code).toBe(3);
    expect(found.map(([rule, at]) => [rule, at])).toEqual([['plain-secret', line]]);
    expect(found[0]?.[2]).toMatch(/^\S+ in document 1 of a\.yaml is a Secret in the clear: shop\/db$/);
  });
  it.each([
    [
      'a reference to a Secret',
      'kind: HelmRelease\nspec: {valuesFrom: [{kind: Secret, name: db, data: {}}]}\n',
    ],
    [
      'a policy about Secrets',
      'kind: ClusterPolicy\nspec: {match: {kinds: [Secret]}, generate: {kind: Secret, data: {kind: Secret, data: {}}}}\n',
    ],
    [
      'the schema of a CRD',
      'kind: CustomResourceDefinition\nspec: {kind: {type: string}, data: {type: object}}\n',
    ],
    ['a text about Secrets', 'kind: ConfigMap\ndata: {note: "kind: Secret, see data: of it"}\n'],
  ])('accepts %s', async (_what, text) => {
    expect(await rulesIn({ 'a.yaml': text })).toEqual({ code: 0, found: [] });
  });
  it('only warns of a script that writes a Secret: its values may come from elsewhere', async () => {
    const text = `kind: ConfigMap\ndata:\n  run.sh: |\n    if true; then : {\n    cat <<END\n${indented(SECRET, 4)}    END\n`;
    const { code, found } = await rulesIn({ 'a.yaml': text });
    expect({ code, rules: found.map(([rule]) => rule) }).toEqual({ code: 0, rules: ['maybe-secret'] });
  });
});

describe('kubeseal check, for unusual YAML', () => {
  it('judges every occurrence of a key that appears twice', async () => {
    const first = 'kind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\nstringData: {}\n';
    const joined = `kind: Secret\nstringData: {password: hunter2}\nkind: ConfigMap\nstringData: {}\n`;
    for (const text of [first, joined]) {
      const { code, found } = await rulesIn({ 'a.yaml': text });
      expect(code).toBe(3);
      expect(found.map(([rule]) => rule)).toContain('plain-secret');
    }
    expect((await rulesIn({ 'a.yaml': first })).found).toContainEqual([
      'duplicate-key',
      4,
      'document 1 of a.yaml: key stringData appears twice in db',
    ]);
  });
  it('does so in JSON too, where a key of a string does not count', async () => {
    const text = '{"kind": "Secret", "data": {"a": "aHVudGVyMg=="}, "x": "\\"y\\":", "data": {}}';
    expect((await rulesIn({ 'a.json': text })).found.map(([rule]) => rule)).toEqual([
      'plain-secret',
      'duplicate-key',
    ]);
  });
  it('says that it cannot check more readings than anyone writes', async () => {
    const text = `kind: Secret\n${Array.from({ length: 8 }, (_, at) => `k${at}: 1\nk${at}: 2\n`).join('')}`;
    const { code, found } = await rulesIn({ 'a.yaml': text });
    expect(code).toBe(3);
    expect(found[0]?.[2]).toBe(
      'document 1 of a.yaml has keys that appear twice, and too much to check all readings',
    );
  });
  it.each([
    [
      'a kind in base64',
      Buffer.from('kind: !!binary U2VjcmV0\nmetadata: {name: db}\nstringData: {a: hunter2}\n'),
    ],
    ['UTF-16 without a mark, and letters beside ASCII', Buffer.from(`# grün 北\n${SECRET}`, 'utf16le')],
    ['UTF-16 without a mark, the other way round', Buffer.from(`# grün 北\n${SECRET}`, 'utf16le').swap16()],
  ])('finds a Secret with %s', async (_what, bytes) => {
    const { code, stdout } = await runCli({ argv: ['check', '-o', 'json', 'a'], files: { a: bytes } });
    expect(code).toBe(3);
    expect(JSON.parse(stdout).findings[0].message).toMatch(/^document 1 of a is a Secret in the clear/);
  });
});

describe('kubeseal check, for hostile files', () => {
  const nested = (levels: number): string =>
    levels === 0 ? SECRET : `kind: ConfigMap\ndata:\n  secret: |\n${indented(nested(levels - 1), 4)}`;
  it('looks into strings in strings, and says where they are nested too deeply', async () => {
    expect((await rulesIn({ 'a.yaml': nested(4) })).found.map(([rule]) => rule)).toEqual(['plain-secret']);
    const { code, found } = await rulesIn({ 'a.yaml': nested(6) });
    expect({ code, rules: found.map(([rule]) => rule) }).toEqual({ code: 3, rules: ['not-checked'] });
  });
  it('says that an object is nested too deeply', async () => {
    const text = `${'{"a":'.repeat(900)}{}${'}'.repeat(900)}`;
    const { code, found } = await rulesIn({ 'a.json': text });
    expect({ code, found }).toEqual({
      code: 3,
      found: [['not-checked', 1, expect.stringMatching(/too deeply nested to check$/)]],
    });
  });
  it.each([
    ['actions without an end', `kind: Secret\ndata:\n${'{{'.repeat(20_000)}`],
    ['ten thousand actions', `kind: Secret\ndata:\n  a: ${'{{ .x }}'.repeat(10_000)}\n  [`],
    ['a literal in an endless action', `kind: Secret\ndata: {{ ${'$a='.repeat(30_000)} }}`],
    ['a key ten thousand times', `kind: Secret\n${'data: {a: eA==}\n'.repeat(10_000)}`],
    [
      'ten thousand keys twice',
      `kind: Secret\n${Array.from({ length: 10_000 }, (_, at) => `k${at}: 1\nk${at}: 2\n`).join('')}`,
    ],
    ['a template of dashes', `kind: SealedSecret\nspec: {template: {data: {a: "${'-'.repeat(500_000)}"}}}`],
  ])('ends with a finding or none for %s', async (_what, text) => {
    expect([0, 3]).toContain((await rulesIn({ 'a.yaml': text })).code);
  });
});

describe('kubeseal check, for Helm and Kustomize', () => {
  const chart = (value: string, head = '{{- if .Values.on }}') => `${head}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "shop.name" . }}
  labels:
    {{- include "shop.labels" . | nindent 4 }}
    app: db
data:
  password: ${value}
  other:
    {{ .Values.other | b64enc }}
{{- end }}
`;
  it.each([
    '{{ include "shop.password" . }}',
    '{{ .Values.password | b64enc | quote }}',
    '"{{ index .Values "a-b" }}"',
  ])('accepts a template of a Secret whose items all refer to values elsewhere: %s', async (value) => {
    expect(await rulesIn({ 'a.yaml': chart(value) })).toEqual({ code: 0, found: [] });
  });
  it.each([
    ['a value', 'aHVudGVyMg==', '{{- if .Values.on }}', 3],
    ['a literal in an expression', '{{ "hunter2" | b64enc }}', '{{- if .Values.on }}', 3],
    ['a literal in a variable', '{{ $password | b64enc }}', '{{- $password := "hunter2" }}{{ if .on }}', 3],
    ['a value in a comment', '{{ .Values.x }}', '{{- if .on }}{{/* kind: Secret hunter2 */}}', 1],
  ])('finds %s in one, and the line of its kind', async (_what, value, head, line) => {
    const { code, found } = await rulesIn({ 'a.yaml': chart(value, head) });
    const message = 'a.yaml looks like a Secret but is neither valid YAML nor JSON';
    expect({ code, found }).toEqual({ code: 3, found: [['plain-secret', line, message]] });
  });
  it('finds the literals of a secretGenerator, and warns of its files', async () => {
    const text = `kind: Kustomization
secretGenerator:
- name: db
  literals: [password=hunter2, empty=, "ref={{ .Values.a }}", hunter2]
- name: app
  envs: [.env.secret]
  files: [tls.key=certs/tls.key]
configMapGenerator:
- name: config
  literals: [host=db.test]
`;
    const { code, found } = await rulesIn({ 'kustomization.yaml': text });
    const label = 'document 1 of kustomization.yaml';
    expect({ code, found }).toEqual({
      code: 3,
      found: [
        ['kustomize-literals', 4, `${label}: item password of secretGenerator db is in the clear`],
        ['kustomize-literals', 4, `${label}: item (no name) of secretGenerator db is in the clear`],
        [
          'kustomize-files',
          5,
          `${label}: secretGenerator app reads values in the clear from certs/tls.key, .env.secret`,
        ],
      ],
    });
  });
  it.each([
    ['every value', 'CrmZ+r.pfZ4PTL0SEn0+sQ1.DQbjzCifiDBY8e0l9lkd1A==', 0],
    ['all but one value', 'aHVudGVyMg==', 3],
  ])('judges a Secret of which kubesec encrypted %s', async (_what, other, code) => {
    const enc = 'aTfkm4tryWYfGWpZx6dGrLHKYAx5mhsOUtluPkn5.pfZ4PTL0SEn0+sQ1.DQbjzCifiDBY8e0l9lkd1A==';
    const text = `kind: Secret\ndata: {a: ${enc}, b: ${other}}\n# kubesec:v:3\n# kubesec:mac:a.b.c\n`;
    expect((await rulesIn({ 'a.yaml': text })).code).toBe(code);
  });
});

describe('kubeseal check, for SealedSecrets that will not open or tell a value', () => {
  const CLUSTER_WIDE = 'sealedsecrets.bitnami.com/cluster-wide';
  const NAMESPACE_WIDE = 'sealedsecrets.bitnami.com/namespace-wide';
  const template = (spec: Sealed['spec'], fields: object) => Object.assign(spec.template, fields);
  const annotate = (metadata: Sealed['metadata'], annotations: object) =>
    Object.assign(metadata, { annotations });
  const value = ({ encryptedData }: Sealed['spec'], change: (text: string) => string) =>
    Object.assign(encryptedData, { password: change(encryptedData['password'] ?? '') });
  it.each<[string, string, (object: Sealed) => void, number]>([
    ['was renamed', 'moved-value', ({ metadata }) => Object.assign(metadata, { name: 'db2' }), 0],
    ['was moved', 'moved-value', ({ metadata }) => Object.assign(metadata, { namespace: 'market' }), 0],
    [
      'lost its annotation of scope',
      'scope-contradiction',
      ({ spec }) => template(spec, { metadata: { annotations: { [CLUSTER_WIDE]: 'true' } } }),
      0,
    ],
    [
      'has both annotations of scope',
      'scope-contradiction',
      ({ metadata }) => annotate(metadata, { [CLUSTER_WIDE]: 'true', [NAMESPACE_WIDE]: 'true' }),
      0,
    ],
    [
      'has an annotation of scope that does not count',
      'scope-ignored',
      ({ metadata }) => annotate(metadata, { [CLUSTER_WIDE]: 'True' }),
      0,
    ],
    [
      'has a password in its template',
      'fixed-template',
      ({ spec }) => template(spec, { data: { password: 'hunter2' } }),
      0,
    ],
    [
      'has a password in a line of its template',
      'fixed-template',
      ({ spec }) => template(spec, { data: { conf: 'host: db\ndb.password = hunter2\n' } }),
      0,
    ],
    ['has a cut value', 'cut-value', ({ spec }) => value(spec, (text) => text.slice(0, 99)), 3],
    [
      'has a wrapped value',
      'wrapped-value',
      ({ spec }) => value(spec, (text) => text.replace(/(.{76})/, '$1 ')),
      3,
    ],
  ])('reports one that %s', async (_what, rule, change, code) => {
    const result = await rulesIn({ 'a.json': await changed(change) });
    expect({ code: result.code, rules: result.found.map(([each]) => each) }).toEqual({ code, rules: [rule] });
    expect((await rulesIn({ 'a.json': await changed(change) }, '--strict')).code).toBe(3);
  });
  it('accepts templates that only refer to items, and places that a template engine fills in', async () => {
    const text = await changed(({ metadata, spec }) => {
      spec.template['data'] = {
        conf: 'password: {{ index . "password" }}\nhost: db',
        password: '{{ .password }}',
      };
      spec.template['metadata'] = { name: 'db', namespace: `\${NAMESPACE}` };
      metadata.namespace = 'shop';
    });
    expect(await rulesIn({ 'a.json': text })).toEqual({ code: 0, found: [] });
  });
  it('warns of two of the same name in one directory, and not of those of two clusters', async () => {
    const text = await sealed('db', { x: '1' }, { key: NEW });
    expect(await rulesIn({ 'clusters/a/db.json': text, 'clusters/b/db.json': text })).toEqual({
      code: 0,
      found: [],
    });
    const { code, found } = await rulesIn({ 'a/db.json': text, 'a/old.json': text });
    const message = 'document 1 of a/old.json: SealedSecret shop/db is in document 1 of a/db.json too';
    expect({ code, found }).toEqual({ code: 0, found: [['duplicate-object', 5, message]] });
  });
});
