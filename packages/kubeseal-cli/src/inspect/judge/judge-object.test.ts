import { describe, expect, it } from 'vitest';
import { judge } from './judge-object.ts';

const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const clear = { kind: 'Secret', metadata: { name: 'db', namespace: 'shop' }, data: { password: 'eA==' } };
const found = (value: unknown) => judge(value, { label: 'document 1 of a.yaml', path: [] });
/** What is found of a Secret in the clear. */
const plain = (label: string, path: readonly string[], name = 'shop/db') => ({
  rule: 'plain-secret',
  message: `${label} is a Secret in the clear: ${name}`,
  about: ['Secret', name],
  path,
});
const inDocument = (place: string) => `${place} in document 1 of a.yaml`;

describe('judge, for lists', () => {
  it.each<[string, unknown, string[]]>([
    ['a List', { kind: 'List', items: [clear] }, ['items', '0']],
    ['a Template of OpenShift', { kind: 'Template', objects: [clear] }, ['objects', '0']],
    ['an array', [clear], ['0']],
  ])('finds a Secret in %s once, and where it is', async (_what, value, path) => {
    expect(await found(value)).toEqual([plain('item 1 of document 1 of a.yaml', [...path, 'data'])]);
  });
  it('takes items without a kind for Secrets in a SecretList alone', async () => {
    const items = [{ data: { a: 'eA==' } }];
    expect(await found({ kind: 'List', items })).toEqual([]);
    expect(await found({ kind: 'SecretList', items })).toEqual([
      plain('item 1 of document 1 of a.yaml', ['items', '0', 'data'], '(no name)'),
    ]);
  });
  it('finds a manifest that is a string of an array', async () => {
    expect(await found([SECRET])).toEqual([
      {
        rule: 'plain-secret',
        message: 'item 1 of document 1 of a.yaml seems to hold a Secret',
        about: [],
        path: ['0'],
      },
    ]);
  });
  const listed = (levels: number): unknown => (levels === 0 ? clear : [listed(levels - 1)]);
  it('finds a Secret in 100 lists, and says that 101 are too deep', async () => {
    expect((await found(listed(100))).map(({ rule }) => rule)).toEqual(['plain-secret']);
    const [first, ...others] = await found(listed(101));
    expect({ rule: first?.rule, about: first?.about, others }).toEqual({
      rule: 'not-checked',
      about: [],
      others: [],
    });
  });
});

describe('judge, for Secrets', () => {
  it.each(['Secret ', ' secrets', 'SECRET'])('reads the kind "%s" as a person does', async (kind) => {
    expect(await found({ ...clear, kind })).toEqual([plain('document 1 of a.yaml', ['data'])]);
  });
  it('leaves out an empty namespace', async () => {
    expect(await found({ ...clear, metadata: { namespace: '', name: 'db' } })).toEqual([
      plain('document 1 of a.yaml', ['data'], 'db'),
    ]);
  });
  it.each(['data', 'stringData'])('accepts one whose %s is an empty string', async (field) => {
    expect(await found({ kind: 'Secret', [field]: '' })).toEqual([]);
  });
  it('reports one once, also where its item is a manifest', async () => {
    expect(await found({ ...clear, stringData: { 'db.yaml': SECRET } })).toEqual([
      plain('document 1 of a.yaml', ['stringData']),
    ]);
  });
  it.each<[string, object, string[]]>([
    ['in a field that no Secret has', { note: SECRET }, ['note']],
    ['in a spec', { spec: { note: SECRET } }, ['spec', 'note']],
  ])('finds another Secret %s of one without items', async (_where, fields, path) => {
    expect(await found({ kind: 'Secret', ...fields })).toEqual([plain(inDocument(path.join('.')), path)]);
  });
  it('does not look for manifests in the values of a SealedSecret', async () => {
    const encryptedData = { a: SECRET };
    const rules = (await found({ kind: 'SealedSecret', spec: { encryptedData } })).map(({ rule }) => rule);
    expect(rules).toEqual(['not-sealed']);
  });
});

describe('judge, for manifests in other objects', () => {
  it.each<[string, unknown]>([
    ['the schema of a Secret', { properties: { stringData: { type: 'object' } } }],
    ['a ConfigMap', { kind: 'ConfigMap', data: { host: 'db.test' } }],
    ['a Secret of numbers', { kind: 'Secret', stringData: { size: 7, deep: { a: 'b' } } }],
    ['a SealedSecret without a spec', { kind: 'SealedSecret', stringData: {} }],
  ])('accepts %s', async (_what, inner) => {
    expect(await found({ kind: 'HelmRelease', spec: { inner } })).toEqual([]);
  });
  it('finds a value that is not sealed in a SealedSecret', async () => {
    const inner = {
      kind: 'SealedSecret',
      metadata: { name: 'db' },
      spec: { encryptedData: { a: 'hunter2' } },
    };
    expect(await found({ kind: 'HelmRelease', spec: { inner } })).toEqual([
      {
        rule: 'not-sealed',
        message: `${inDocument('spec.inner')}: item a of SealedSecret db is not sealed`,
        about: ['SealedSecret', 'db', 'a'],
        path: ['spec', 'inner', 'spec', 'encryptedData', 'a'],
      },
    ]);
  });
  it.each([
    ['ConfigMap', { data: { db: SECRET } }, ['data', 'db']],
    ['Other', { spec: { db: SECRET } }, ['spec', 'db']],
  ])('names the place in the whole document for a string of a %s', async (kind, fields, path) => {
    const place = ['spec', 'inner', ...path];
    expect(await found({ kind: 'HelmRelease', spec: { inner: { kind, ...fields } } })).toEqual([
      plain(inDocument(place.join('.')), place),
    ]);
  });
  it('shortens a key of more than 60 characters', async () => {
    const [kept, cut] = ['k'.repeat(60), 'k'.repeat(61)];
    const messages = (await found({ [kept]: { inner: clear }, [cut]: { inner: clear } })).map(
      ({ message }) => message,
    );
    expect(messages).toEqual([
      `${inDocument(`${kept}.inner`)} is a Secret in the clear: shop/db`,
      `${inDocument(`${kept}....inner`)} is a Secret in the clear: shop/db`,
    ]);
  });
  const nested = (levels: number): string =>
    levels === 0
      ? SECRET
      : `kind: ConfigMap\ndata:\n  secret: |\n${nested(levels - 1).replace(/^(?=.)/gm, '    ')}`;
  it('looks into four strings in each other, and says that it does not look into the fifth', async () => {
    const rules = async (levels: number) =>
      (await found({ data: { secret: nested(levels - 1) } })).map(({ rule }) => rule);
    expect(await rules(4)).toEqual(['plain-secret']);
    expect(await rules(5)).toEqual(['not-checked']);
  });
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
  it('looks into 501 objects in each other, and says that it does not look into the next', async () => {
    expect(await found(deep(501))).toEqual([]);
    expect((await found(deep(502))).map(({ rule, about }) => [rule, about])).toEqual([['not-checked', []]]);
  });
});

describe('judge, for annotations', () => {
  const copy = (key: string, path: readonly string[]) => ({
    rule: 'secret-in-annotation',
    message: `document 1 of a.yaml: annotation ${key} of ConfigMap db holds a Secret in the clear`,
    about: ['ConfigMap db', key],
    path: [...path, 'annotations', key],
  });
  const annotated = (annotations: object, template: object = {}) => ({
    kind: 'ConfigMap',
    metadata: { name: 'db', annotations },
    spec: { template: { metadata: { annotations: template } } },
  });
  it('finds copies of Secrets in their order, and none in what is no text', async () => {
    expect(await found(annotated({ a: SECRET, b: 7, c: null, d: SECRET }))).toEqual([
      copy('a', ['metadata']),
      copy('d', ['metadata']),
    ]);
  });
  it('finds one in the annotations of the template, and names a key once', async () => {
    expect(await found(annotated({}, { a: SECRET }))).toEqual([copy('a', ['spec', 'template', 'metadata'])]);
    expect(await found(annotated({ a: SECRET }, { a: SECRET }))).toEqual([copy('a', ['metadata'])]);
  });
});
