import { describe, expect, it, vi } from 'vitest';
import { CANARY, errorOf, sealedExample, secretOf } from '../../../../test/support/sealed-example.ts';
import { watchedKey } from '../../../../test/support/watched-key.ts';
import { encodeBase64, encodeUtf8 } from '../bytes.ts';
import { KeyRing } from '../value/key-ring.ts';
import { isTemplate, type RenderTemplates } from './assemble-secret.ts';
import { openItems } from './open-items.ts';
import type { SealedSecret } from './resource.ts';
import { encryptionLabel } from './scope.ts';
import { sealSecret } from './seal.ts';
import { unsealSecret } from './unseal.ts';

const { key, other, sealed, withSpec } = await sealedExample();
const base64 = (text: string) => encodeBase64(encodeUtf8(text));

describe('unsealSecret', () => {
  it('gives items in order with the key that opened each', async () => {
    const { secret: opened, openedBy } = await unsealSecret(sealed, KeyRing.of(other, key));
    expect(opened.data).toEqual({ a: base64(CANARY), b: base64('two') });
    expect([...openedBy]).toEqual([
      ['a', key.id],
      ['b', key.id],
    ]);
  });
  it('tries the keys first that the caller names', async () => {
    let trials = 0;
    const ring = () =>
      KeyRing.of(
        watchedKey(other, () => void trials++),
        key,
      );
    await unsealSecret(sealed, ring(), { hints: [key.id] });
    expect(trials).toBe(0);
    await unsealSecret(sealed, ring());
    expect(trials).toBe(1);
  });
  it('takes name and namespace from the SealedSecret, and nothing else from its metadata', async () => {
    const metadata = {
      ...{ name: 'evil', namespace: 'kube-system', uid: 'u', resourceVersion: '1', generateName: 'g' },
      ...{
        creationTimestamp: '2020-01-01T00:00:00Z',
        deletionTimestamp: '2020-01-01T00:00:00Z',
        managedFields: [],
      },
      labels: { l: '1' },
      annotations: { a: '1' },
      finalizers: ['f'],
    };
    const given = withSpec({ template: { metadata, type: 'custom', immutable: true } });
    const labelled = { ...given, metadata: { ...given.metadata, labels: { outer: '1' } } };
    const { secret: opened } = await unsealSecret(labelled, KeyRing.of(key));
    expect(opened.metadata).toEqual({
      labels: { l: '1' },
      annotations: { a: '1' },
      finalizers: ['f'],
      name: 'db',
      namespace: 'blue',
    });
    expect(opened).toMatchObject({ apiVersion: 'v1', kind: 'Secret', type: 'custom', immutable: true });
  });
  it.each([[undefined], [{}], [{ metadata: null, data: null }]])(
    'takes the template %j',
    async (template) => {
      const spec = { encryptedData: sealed.spec.encryptedData, ...(template ? { template } : {}) };
      const { secret: opened } = await unsealSecret({ ...sealed, spec }, KeyRing.of(key));
      expect(Object.keys(opened)).toEqual(['apiVersion', 'kind', 'metadata', 'data']);
      expect(Object.keys(opened.metadata)).toEqual(['name', 'namespace']);
    },
  );
  it('opens items with hostile or odd names: __proto__, constructor, numbers, empty, any string', async () => {
    const items = JSON.parse('{"__proto__":"p","constructor":"c","10":"x","9":"y","":"e","ä b/\\n":"u"}');
    const { secret: opened } = await unsealSecret(await sealSecret(secretOf(items), key), KeyRing.of(key));
    const data = Object.entries(opened.data ?? {}).map(([item, value]) => [item, atob(value)]);
    expect(Object.fromEntries(data)).toEqual(items);
    expect(data).toHaveLength(6);
    expect(Object.getPrototypeOf(opened.data)).toBe(Object.prototype);
  });
  it('opens more items than are opened at once, in order', async () => {
    const items = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`k${index + 10}`, `${index}`]),
    );
    const { secret: opened } = await unsealSecret(await sealSecret(secretOf(items), key), KeyRing.of(key));
    expect(Object.keys(opened.data ?? {})).toEqual(Object.keys(items));
  });
});

describe('isTemplate', () => {
  it.each([
    ['{{ .a }}', true],
    ['a {{', true],
    ['{ .a }', false],
    ['', false],
    [undefined, false],
    [null, false],
    [1, false],
    [['{{'], false],
  ])('says of %j: %s', (text, expected) => {
    expect(isTemplate(text)).toBe(expected);
  });
});

describe('unsealSecret with templates', () => {
  const template = { data: { conf: 'user={{ .b }}', plain: 'x', none: null, b: '{{ .a }}' } };
  it('gives the renderer all templates and opened values, and lets sealed items win', async () => {
    const renderTemplates = vi.fn<RenderTemplates>(
      async () =>
        new Map([
          ['conf', encodeUtf8('user=two')],
          ['b', encodeUtf8('lost')],
        ]),
    );
    const { secret: opened } = await unsealSecret(withSpec({ template }), KeyRing.of(key), {
      renderTemplates,
    });
    expect(opened.data).toEqual({ conf: base64('user=two'), a: base64(CANARY), b: base64('two') });
    const request = renderTemplates.mock.calls[0]?.[0];
    const { none: _, ...texts } = template.data;
    expect([...(request?.templates ?? [])]).toEqual(Object.entries(texts));
    expect([...(request?.values ?? [])]).toEqual([
      ['a', encodeUtf8(CANARY)],
      ['b', encodeUtf8('two')],
    ]);
  });
  it('is called once, after every value was opened', async () => {
    const renderTemplates = vi.fn<RenderTemplates>(
      async ({ templates }) => new Map([...templates].map(([item]) => [item, new Uint8Array()])),
    );
    await unsealSecret(withSpec({ template }), KeyRing.of(key), { renderTemplates });
    expect(renderTemplates).toHaveBeenCalledOnce();
    expect(renderTemplates.mock.calls[0]?.[0].values.size).toBe(2);
  });
  it.each([
    ['no key opens', 'AQA='.padStart(400, 'A')],
    ['is malformed', 'AQA='],
    ['is not base64', '!'],
  ])('is never called when a value %s', async (_, broken) => {
    const renderTemplates = vi.fn<RenderTemplates>();
    const encryptedData = { ...sealed.spec.encryptedData, b: broken };
    await errorOf(unsealSecret(withSpec({ template, encryptedData }), KeyRing.of(key), { renderTemplates }));
    expect(renderTemplates).not.toHaveBeenCalled();
  });
  it('needs no renderer for templates without {{, null included', async () => {
    const plain = { data: { conf: 'a } } %', none: null } };
    const { secret: opened } = await unsealSecret(withSpec({ template: plain }), KeyRing.of(key));
    expect(opened.data).toMatchObject({ conf: base64('a } } %') });
    expect(opened.data).not.toHaveProperty('none');
  });
  it('leaves out what the template sets to null, and lets templates use its value', async () => {
    const hidden = { data: { conf: 'p={{ .b }}', b: null, toString: null } };
    const renderTemplates: RenderTemplates = async ({ templates, values }) =>
      new Map([...templates.keys()].map((item) => [item, values.get('b') ?? new Uint8Array()]));
    const { secret: opened, openedBy } = await unsealSecret(withSpec({ template: hidden }), KeyRing.of(key), {
      renderTemplates,
    });
    expect(opened.data).toEqual({ a: base64(CANARY), conf: base64('two') });
    expect([...openedBy.keys()]).toEqual(['a', 'b']);
  });
  it('keeps an item that has the name of an inherited property', async () => {
    const odd = await sealSecret(secretOf({ constructor: 'x' }), key);
    const withData = { ...odd, spec: { ...odd.spec, template: { data: { other: null } } } };
    const { secret: opened } = await unsealSecret(withData, KeyRing.of(key));
    expect(opened.data).toEqual({ constructor: base64('x') });
  });
  it('names the templates that need an engine when there is none', async () => {
    expect(await errorOf(unsealSecret(withSpec({ template }), KeyRing.of(key)))).toMatchObject({
      code: 'ERR_TEMPLATE_INVALID',
      message: 'no template engine here (b, conf)',
    });
  });
  it('reports the failures of the renderer by item', async () => {
    const failures = [
      { template: 'conf', message: 'line 1: fail was called' },
      { template: 'b', message: 'line 1: fail was called' },
    ];
    const renderTemplates = () => Promise.reject(Object.assign(new Error(CANARY), { failures }));
    expect(
      await errorOf(unsealSecret(withSpec({ template }), KeyRing.of(key), { renderTemplates })),
    ).toMatchObject({
      code: 'ERR_TEMPLATE_INVALID',
      message: 'line 1: fail was called (b, conf)',
    });
  });
  it.each([new Error('bug'), null, undefined, { failures: 'none' }])(
    'lets the fault %s of the renderer through',
    async (fault) => {
      const renderTemplates = () => Promise.reject(fault);
      const unsealing = unsealSecret(withSpec({ template }), KeyRing.of(key), { renderTemplates });
      await expect(unsealing).rejects.toBe(fault);
    },
  );
});

describe('unsealSecret with legacy data', () => {
  const inner = {
    metadata: { name: 'x', namespace: 'y', labels: { l: '1' }, uid: 'u' },
    type: 'custom',
    data: { k: 'dg==' },
  };
  const legacy = async (text: string, encryptedData = {}): Promise<SealedSecret> => {
    const label = encryptionLabel('strict', 'blue', 'db');
    const data = encodeBase64(await key.seal(encodeUtf8(text), label));
    return { ...sealed, spec: { encryptedData, data } };
  };
  it('opens the whole Secret when it is accepted', async () => {
    const given = await legacy(JSON.stringify({ ...inner, stringData: { s: 'w' } }));
    const { secret: opened, openedBy } = await unsealSecret(given, KeyRing.of(key), { acceptV1Data: true });
    expect(opened).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { labels: { l: '1' }, name: 'db', namespace: 'blue' },
      type: 'custom',
      data: { k: 'dg==', s: 'dw==' },
    });
    expect(openedBy.get('data')).toBe(key.id);
  });
  it('opens an object without it where it is accepted', async () => {
    const { secret: opened } = await unsealSecret(sealed, KeyRing.of(key), { acceptV1Data: true });
    expect(opened.data).toEqual({ a: base64(CANARY), b: base64('two') });
  });
  it('refuses it otherwise, in verify and everywhere', async () => {
    const message = "using deprecated 'data' field, use 'encryptedData' or flip the feature flag";
    const given = await legacy(JSON.stringify(inner));
    for (const opening of [unsealSecret(given, KeyRing.of(key)), openItems(given, KeyRing.of(key))]) {
      expect(await errorOf(opening)).toMatchObject({ code: 'ERR_MANIFEST_INVALID', message });
    }
  });
  it.each([true, false])('refuses it beside encryptedData (accepted: %s)', async (acceptV1Data) => {
    const given = await legacy(JSON.stringify(inner), sealed.spec.encryptedData);
    expect(await errorOf(unsealSecret(given, KeyRing.of(key), { acceptV1Data }))).toMatchObject({
      code: 'ERR_MANIFEST_INVALID',
      message: "cannot use the field 'encryptedData' and the deprecated field 'data' at the same time",
    });
  });
  it.each([
    ['no JSON', CANARY],
    ['no Secret', `"${CANARY}"`],
    ['data that is not base64', JSON.stringify({ data: { k: `${CANARY}!` } })],
    ['nothing', ''],
  ])('refuses an envelope that holds %s without showing it', async (_, text) => {
    const error = await errorOf(unsealSecret(await legacy(text), KeyRing.of(key), { acceptV1Data: true }));
    expect(error).toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
    expect(error.cause).toBeUndefined();
    expect(`${error.message}${error.stack}`).not.toContain(CANARY);
  });
  it.each(['', '!', 'AQA='])('refuses %j', async (data) => {
    const given = { ...sealed, spec: { encryptedData: {}, data } };
    expect(await errorOf(unsealSecret(given, KeyRing.of(key), { acceptV1Data: true }))).toMatchObject({
      code: 'ERR_ENVELOPE_MALFORMED',
    });
  });
});
