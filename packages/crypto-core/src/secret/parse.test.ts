import { describe, expect, it } from 'vitest';
import { countedEntries } from '../../../../test/support/counted-entries.ts';
import { MAX_ENTRIES, parseSealedSecret, parseSecret } from './parse.ts';

/** Stands in every wrong place; must never come back in a message. */
const CANARY = 'c4n4ry';
const wrong = [CANARY];
const wrongText = { [CANARY]: CANARY };

const messageOf = (parse: () => unknown): string => {
  try {
    parse();
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
    return (error as Error).message;
  }
  throw new Error('not refused');
};
const sealed = (fields: object) => ({ kind: 'SealedSecret', apiVersion: 'bitnami.com/v1alpha1', ...fields });

describe('parseSecret', () => {
  it.each([
    ['the document', wrong],
    ['the document', CANARY],
    ['the document', null],
    ['metadata', { metadata: wrong }],
    ['metadata.name', { metadata: { name: wrongText } }],
    ['metadata.namespace', { metadata: { namespace: 5 } }],
    ['metadata.labels', { metadata: { labels: wrong } }],
    ['metadata.labels.a', { metadata: { labels: { a: wrongText } } }],
    ['metadata.annotations.a', { metadata: { annotations: { a: 1 } } }],
    ['metadata.finalizers', { metadata: { finalizers: wrongText } }],
    ['metadata.finalizers[1]', { metadata: { finalizers: ['a', wrongText] } }],
    ['metadata.ownerReferences', { metadata: { ownerReferences: wrongText } }],
    ['metadata.ownerReferences[0]', { metadata: { ownerReferences: [CANARY] } }],
    ['type', { type: wrongText }],
    ['immutable', { immutable: CANARY }],
    ['data', { data: CANARY }],
    ['data', { data: wrong }],
    ['data.password', { data: { password: wrongText } }],
    ['data.password', { data: { password: 5 } }],
    ['data."a\\nb"', { data: { 'a\nb': wrong } }],
    ['stringData', { stringData: wrong }],
    ['stringData.password', { stringData: { password: wrong } }],
  ])('names %s when it has the wrong type, and never the value', (path, value) => {
    const message = messageOf(() => parseSecret(value));
    expect(message.startsWith(`${path} is not `)).toBe(true);
    expect(message).not.toContain(CANARY);
  });
  it('ignores kind and apiVersion, like upstream', () => {
    expect(parseSecret({ kind: 'ConfigMap', apiVersion: 3 })).toMatchObject({
      kind: 'Secret',
      apiVersion: 'v1',
    });
  });
  it('reads null entries as empty and null fields as absent, like Go', () => {
    const metadata = { name: 'a', labels: { l: null }, annotations: null, creationTimestamp: null };
    const secret = parseSecret({
      metadata,
      data: { x: null },
      stringData: null,
      type: null,
      immutable: null,
    });
    const expected = { metadata: { name: 'a', labels: { l: '' } }, data: { x: '' } };
    expect(secret).toEqual({ apiVersion: 'v1', kind: 'Secret', ...expected });
  });
  it('reads __proto__ as an item like any other', () => {
    const secret = parseSecret(
      JSON.parse('{"data":{"__proto__":"eA=="},"metadata":{"labels":{"__proto__":"l"}}}'),
    );
    expect(Object.entries(secret.data ?? {})).toEqual([['__proto__', 'eA==']]);
    expect(Object.entries(secret.metadata.labels ?? {})).toEqual([['__proto__', 'l']]);
    expect(Object.getPrototypeOf(secret.data)).toBe(Object.prototype);
  });
});

describe('parseSealedSecret', () => {
  it.each([
    ['the document', wrong],
    ['spec', sealed({ spec: wrong })],
    ['spec.encryptedData', sealed({ spec: { encryptedData: wrong } })],
    ['spec.data', sealed({ spec: { data: wrongText } })],
    ['spec.template', sealed({ spec: { template: CANARY } })],
    ['spec.template.type', sealed({ spec: { template: { type: wrongText } } })],
    ['spec.template.immutable', sealed({ spec: { template: { immutable: CANARY } } })],
    ['spec.template.data', sealed({ spec: { template: { data: wrong } } })],
    ['spec.template.data.conf', sealed({ spec: { template: { data: { conf: wrongText } } } })],
    ['spec.template.metadata', sealed({ spec: { template: { metadata: wrong } } })],
    ['spec.template.metadata.labels.a', sealed({ spec: { template: { metadata: { labels: { a: 1 } } } } })],
    ['metadata', sealed({ metadata: CANARY })],
    ['metadata.annotations', sealed({ metadata: { annotations: wrong } })],
  ])('names %s when it has the wrong type, and never the value', (path, value) => {
    const message = messageOf(() => parseSealedSecret(value));
    expect(message.startsWith(`${path} is not `)).toBe(true);
    expect(message).not.toContain(CANARY);
  });
  it.each([
    [{ kind: 'Secret' }, 'kind is "Secret", not SealedSecret'],
    [{ kind: undefined }, 'kind is missing, not SealedSecret'],
    [{ kind: wrongText }, 'kind is missing, not SealedSecret'],
    [
      { apiVersion: 'bitnami.com/v1beta9' },
      'no kind "SealedSecret" is registered for version "bitnami.com/v1beta9"',
    ],
  ])('refuses %j', (fields, message) => {
    expect(messageOf(() => parseSealedSecret(sealed(fields)))).toBe(message);
  });
  it('reads an encrypted entry that is not a string as empty and keeps the others, like upstream', () => {
    const encryptedData = { a: 5, b: null, c: ['x'], d: 'AgA=' };
    expect(parseSealedSecret(sealed({ spec: { encryptedData } })).spec.encryptedData).toEqual({
      a: '',
      b: '',
      c: '',
      d: 'AgA=',
    });
  });
  it.each([[{}], [{ spec: null }], [{ spec: { encryptedData: null, template: null, data: null } }]])(
    'reads %j as an object without items',
    (fields) => expect(parseSealedSecret(sealed(fields)).spec).toEqual({ encryptedData: {} }),
  );
  it('keeps template entries that are null, and unknown fields', () => {
    const template = { data: { a: null, b: 'x' }, metadata: { custom: { deep: [1] } } };
    expect(parseSealedSecret(sealed({ spec: { template }, extra: 1 }))).toMatchObject({
      spec: { template },
      extra: 1,
    });
  });
  it.each<[string, (entries: object) => object]>([
    ['spec.encryptedData', (entries) => ({ spec: { encryptedData: entries } })],
    ['spec.template.data', (entries) => ({ spec: { template: { data: entries } } })],
    [
      'spec.template.metadata.annotations',
      (entries) => ({ spec: { template: { metadata: { annotations: entries } } } }),
    ],
    ['metadata.annotations', (entries) => ({ metadata: { annotations: entries } })],
    ['metadata.labels', (entries) => ({ metadata: { labels: entries } })],
    ['metadata', (entries) => ({ metadata: entries })],
  ])(
    'refuses more entries in %s than an object that can be opened has, and reads none of them',
    (path, of) => {
      const { entries, read } = countedEntries(50_000, '');
      expect(messageOf(() => parseSealedSecret(sealed(of(entries))))).toBe(
        `${path} has more than ${MAX_ENTRIES} entries`,
      );
      expect(read()).toBe(0);
    },
  );
  it.each(['finalizers', 'ownerReferences'])('refuses a list of too many %s', (field) => {
    const list = Array.from({ length: MAX_ENTRIES + 1 }, () => '');
    expect(messageOf(() => parseSealedSecret(sealed({ metadata: { [field]: list } })))).toBe(
      `metadata.${field} has more than ${MAX_ENTRIES} entries`,
    );
  });
  it('accepts as many items as fit into the largest request to an API server', () => {
    const shortestEnvelope = Math.ceil((2 + 128 + 16) / 3) * 4;
    const largest = Math.floor((3 * 1024 * 1024) / (shortestEnvelope + '"a":"",'.length));
    expect(largest).toBeLessThan(MAX_ENTRIES);
    const { entries } = countedEntries(MAX_ENTRIES, '');
    expect(
      Object.keys(parseSealedSecret(sealed({ spec: { encryptedData: entries } })).spec.encryptedData),
    ).toHaveLength(MAX_ENTRIES);
  });
  it('cannot be made to change the prototype of anything', () => {
    const text =
      '{"kind":"SealedSecret","apiVersion":"bitnami.com/v1alpha1","__proto__":{"polluted":1},' +
      '"metadata":{"__proto__":{"annotations":{"sealedsecrets.bitnami.com/cluster-wide":"true"}}},' +
      '"spec":{"__proto__":{"data":"x"},"encryptedData":{"__proto__":"x","constructor":"y"}}}';
    const { metadata, spec } = parseSealedSecret(JSON.parse(text));
    expect(metadata.annotations).toBeUndefined();
    expect(spec.data).toBeUndefined();
    expect(Object.keys(spec.encryptedData)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
