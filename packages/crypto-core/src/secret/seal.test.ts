import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { decodeBase64, encodeUtf8 } from '../bytes.ts';
import { importKeyPair } from '../keys/key-pair.ts';
import type { KeyPair } from '../value/key.ts';
import { KeyRing } from '../value/key-ring.ts';
import { openValue } from '../value/open-value.ts';
import { parseSecret } from './parse.ts';
import type { Secret } from './resource.ts';
import { encryptionLabel } from './scope.ts';
import { leakingMetadata, plaintextOf, sealSecret } from './seal.ts';

const CLUSTER = 'sealedsecrets.bitnami.com/cluster-wide';
const NAMESPACE = 'sealedsecrets.bitnami.com/namespace-wide';
let key: KeyPair;
beforeAll(async () => {
  key = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
});
const secret = (fields: Partial<Secret>, metadata: Secret['metadata'] = {}): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'blue', ...metadata },
  ...fields,
});
/** The paths of a value in the order in which JSON would write them. */
const pathsOf = (value: object, path = ''): string[] =>
  Object.entries(value).flatMap(([name, inner]) => [
    path + name,
    ...(typeof inner === 'object' ? pathsOf(inner, `${path}${name}.`) : []),
  ]);

describe('sealSecret', () => {
  it('writes the fields of upstream in its order', async () => {
    const metadata = {
      finalizers: ['f'],
      annotations: { z: '1', [CLUSTER]: 'true', b: '2' },
      labels: { y: '1', a: '2' },
      generateName: 'g-',
    };
    const full = secret(
      { data: { b: 'Yg==', a: 'YQ==' }, immutable: true, type: 'kubernetes.io/tls' },
      metadata,
    );
    expect(pathsOf(await sealSecret(full, key)).filter((path) => !/\.\d+$/.test(path))).toEqual([
      'kind',
      'apiVersion',
      'metadata',
      'metadata.name',
      'metadata.namespace',
      'metadata.annotations',
      `metadata.annotations.${CLUSTER}`,
      'spec',
      'spec.template',
      'spec.template.metadata',
      'spec.template.metadata.name',
      'spec.template.metadata.generateName',
      'spec.template.metadata.namespace',
      'spec.template.metadata.labels',
      'spec.template.metadata.labels.a',
      'spec.template.metadata.labels.y',
      'spec.template.metadata.annotations',
      'spec.template.metadata.annotations.b',
      `spec.template.metadata.annotations.${CLUSTER}`,
      'spec.template.metadata.annotations.z',
      'spec.template.metadata.finalizers',
      'spec.template.type',
      'spec.template.immutable',
      'spec.encryptedData',
      'spec.encryptedData.a',
      'spec.encryptedData.b',
    ]);
  });
  it('keeps the metadata that belongs in a template, and nothing that holds plaintext or is set by the server', async () => {
    const metadata = {
      ...{ uid: 'u', resourceVersion: '5', generation: 3, creationTimestamp: '2026-01-01T00:00:00Z' },
      ...{ deletionTimestamp: 'x', deletionGracePeriodSeconds: 1, selfLink: 's', managedFields: [{}] },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'q' }],
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': 'pl4intext',
        'kubecfg.ksonnet.io/last-applied-configuration': 'pl4intext',
      },
      labels: {},
      finalizers: ['f'],
    };
    const sealed = await sealSecret(secret({ data: { a: 'YQ==' } }, metadata), key);
    expect(sealed.spec.template).toEqual({ metadata: { name: 'db', namespace: 'blue', finalizers: ['f'] } });
    expect(sealed.metadata).toEqual({ name: 'db', namespace: 'blue' });
  });
  it.each<[string, Record<string, string>, string[]]>([
    ['base64', { copy: `{"data":{"password":"${btoa('correct horse')}"}}` }, ['copy']],
    ['text', { copy: 'password: correct horse', 'copy-too': '"correct horse"' }, ['copy', 'copy-too']],
    ['text in JSON', { copy: JSON.stringify({ stringData: { quoted: 'say "friend"' } }) }, ['copy']],
    ['nothing of it', { note: 'correct', team: 'a horse', short: 'abc YWJj' }, []],
  ])('leaves out and names annotations that hold a value as %s', async (_, annotations, expected) => {
    const stringData = { password: 'correct horse', quoted: 'say "friend"', short: 'abc' };
    const given = secret({ stringData }, { annotations });
    const sealed = await sealSecret(given, key);
    expect(await leakingMetadata(given)).toEqual({ annotations: expected, labels: [] });
    expect(Object.keys(sealed.spec.template?.metadata?.annotations ?? {})).toEqual(
      Object.keys(annotations)
        .filter((name) => !expected.includes(name))
        .sort(),
    );
  });
  it.each(['kapp.k14s.io/original', 'objectset.rio.cattle.io/applied', 'banzaicloud.com/last-applied'])(
    'leaves out the annotation %s whatever it holds: it is a copy of the object',
    async (name) => {
      const given = secret({ stringData: { a: 'b' } }, { annotations: { [name]: 'anything', kept: 'x' } });
      expect((await sealSecret(given, key)).spec.template?.metadata?.annotations).toEqual({
        kept: 'x',
      });
      expect(await leakingMetadata(given)).toEqual({ annotations: [], labels: [] });
    },
  );
  it('does not name annotations that are always left out, whatever they hold', async () => {
    const copy = 'kubectl.kubernetes.io/last-applied-configuration';
    const annotations = { [copy]: 'correct horse', note: 'correct horse' };
    const given = secret({ stringData: { password: 'correct horse' } }, { annotations });
    expect(await leakingMetadata(given)).toEqual({ annotations: ['note'], labels: [] });
    expect((await sealSecret(given, key)).spec.template?.metadata).not.toHaveProperty('annotations');
    expect(await leakingMetadata(secret({}))).toEqual({ annotations: [], labels: [] });
  });
  it('leaves out labels that are a value, but none that the Secret shares with its name', async () => {
    const stringData = { pw: 'correct-horse', database: 'payments-db', tier: 'web' };
    const labels = { copy: 'correct-horse', app: 'payments-db', tier: 'web' };
    const given = secret({ stringData }, { name: 'payments-db', labels });
    expect(await leakingMetadata(given)).toEqual({ annotations: [], labels: ['copy'] });
    expect((await sealSecret(given, key)).spec.template?.metadata?.labels).toEqual({
      app: 'payments-db',
      tier: 'web',
    });
  });
  it('omits type and immutable when unset, and keeps immutable: false', async () => {
    expect(Object.keys((await sealSecret(secret({ type: '' }), key)).spec.template ?? {})).toEqual([
      'metadata',
    ]);
    expect((await sealSecret(secret({ immutable: false }), key)).spec.template?.immutable).toBe(false);
  });
  it('seals a Secret without items into an empty map', async () => {
    expect((await sealSecret(secret({}), key)).spec.encryptedData).toEqual({});
  });
  it.each([
    ['strict', {}, undefined, {}, {}],
    ['strict', {}, 'strict', {}, {}],
    ['cluster-wide', { [CLUSTER]: 'true' }, 'strict', { [CLUSTER]: 'true' }, { [CLUSTER]: 'true' }],
    ['namespace-wide', {}, 'namespace-wide', { [NAMESPACE]: 'true' }, { [NAMESPACE]: 'true' }],
    ['cluster-wide', { [NAMESPACE]: 'true' }, 'cluster-wide', { [CLUSTER]: 'true' }, { [CLUSTER]: 'true' }],
    [
      'namespace-wide',
      { [CLUSTER]: 'true' },
      'namespace-wide',
      { [NAMESPACE]: 'true' },
      { [NAMESPACE]: 'true' },
    ],
    [
      'cluster-wide',
      { [CLUSTER]: 'true', [NAMESPACE]: 'true' },
      undefined,
      { [CLUSTER]: 'true' },
      { [CLUSTER]: 'true', [NAMESPACE]: 'true' },
    ],
    ['strict', { [CLUSTER]: 'false' }, undefined, {}, { [CLUSTER]: 'false' }],
  ] as const)(
    'seals %s when annotations are %j and the scope given is %s',
    async (scope, annotations, given, ...[outside, inside]) => {
      const sealed = await sealSecret(secret({ data: { a: 'YQ==' } }, { annotations }), key, given);
      expect(sealed.metadata.annotations ?? {}).toEqual(outside);
      expect(sealed.spec.template?.metadata?.annotations ?? {}).toEqual(inside);
      const bytes = decodeBase64(sealed.spec.encryptedData['a'] ?? '');
      expect(await openValue(bytes, KeyRing.of(key), encryptionLabel(scope, 'blue', 'db'))).toEqual(
        encodeUtf8('a'),
      );
    },
  );
  it('writes no namespace when a cluster-wide Secret has none', async () => {
    const sealed = await sealSecret(secret({}, { namespace: '' }), key, 'cluster-wide');
    expect(Object.keys(sealed.metadata)).toEqual(['name', 'annotations']);
    expect(Object.keys(sealed.spec.template?.metadata ?? {})).toEqual(['name', 'annotations']);
  });
  it.each([
    [{ name: '' }, undefined, 'missing metadata.name in input Secret'],
    [{ name: '' }, 'cluster-wide', 'missing metadata.name in input Secret'],
    [{ namespace: '' }, undefined, 'secret must declare a namespace'],
    [{ namespace: '' }, 'namespace-wide', 'secret must declare a namespace'],
    [{ namespace: 'a/b' }, undefined, 'metadata.namespace must not contain a slash'],
  ] as const)('refuses metadata %j under scope %s', async (metadata, scope, message) => {
    await expect(sealSecret(secret({}, metadata), key, scope)).rejects.toMatchObject({
      code: 'ERR_MANIFEST_INVALID',
      message,
    });
  });
});

describe('plaintextOf', () => {
  it('lets stringData win over data and accepts any item name', () => {
    const data = '{"a":"eA==","__proto__":"eQ==","10":"eg==","9":"","with space/":"AP8="}';
    const values = plaintextOf(parseSecret({ data: JSON.parse(data), stringData: { a: 'ä', b: '' } }));
    const texts = [...values].map(([item, bytes]) => [item, Buffer.from(bytes).toString('hex')]);
    expect(Object.fromEntries(texts)).toEqual(
      JSON.parse('{"a":"c3a4","b":"","__proto__":"79","10":"7a","9":"","with space/":"00ff"}'),
    );
  });
  it('names every item that is not base64 and never shows its value', () => {
    const broken = secret({ data: { c: 'pl4in!', a: 'pl4in!', b: 'pl4' } });
    expect(() => plaintextOf(broken)).toThrow(
      expect.objectContaining({
        code: 'ERR_MANIFEST_INVALID',
        message: 'illegal base64 data at input byte 5 (a, c)\nillegal base64 data at input byte 0 (b)',
      }),
    );
  });
});
