import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

describe('security', () => {
  it('takes the scope from the object, never from the template', async () => {
    const other = await scene.namespace();
    const sealed = await scene.seal({ namespace: other, name: 'db' }, { password: 's3cret' });
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const key = await scene.store({
      ...sealed,
      metadata: { namespace, name: 'db' },
      spec: { ...sealed.spec, template: { metadata: { annotations } } },
    });
    expect(await scene.pass(key)).toBe('ERR_NO_KEY_OPENS_VALUE');
    expect(await scene.secret(key)).toBeUndefined();
  });
  it.each(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])(
    'creates no Secret of type %s unless allowed',
    async (type) => {
      const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
      sealed.spec.template = {
        type,
        metadata: { annotations: { 'kubernetes.io/service-account.name': 'default' } },
      };
      const key = await scene.store(sealed);
      expect(await scene.pass(key)).toBe('ERR_SECRET_TYPE_FORBIDDEN');
      expect(await scene.secret(key)).toBeUndefined();
      expect(await scene.pass(key, { allowsTokenSecrets: true })).toBeUndefined();
    },
  );
  it('renders no template before every value is opened', async () => {
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
    sealed.spec.template = { data: { x: '{{ .password }}' } };
    sealed.spec.encryptedData['broken'] = 'AgA=';
    const key = await scene.store(sealed);
    let renders = 0;
    const renderTemplates = () => async () => {
      renders += 1;
      return new Map();
    };
    expect(await scene.pass(key, { renderTemplates })).toBe('ERR_ENVELOPE_MALFORMED');
    expect(renders).toBe(0);
  });
  it.each([
    ['fail', '{{ fail .password }}'],
    ['atoi', '{{ atoi .password }}'],
    ['index', '{{ index .password 99 }}'],
    ['semver', '{{ semver .password }}'],
    ['toDate', '{{ mustToDate "2006" .password }}'],
    ['regex', '{{ regexMatch .password "x" | not | fail }}'],
    ['include', '{{ template .password }}'],
    ['a broken template', '{{ .password '],
    ['endless output', '{{ range until 1000000 }}{{ $.password }}{{ end }}{{ repeat 100000000 .password }}'],
  ])('shows no value when a template fails: %s', async (_name, text) => {
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 'canary-7f3a(' });
    sealed.spec.template = { data: { x: text } };
    const key = await scene.store(sealed);
    await scene.pass(key);
    const status = JSON.stringify((await scene.stored(key))['status']);
    const said = [
      status,
      ...scene.events.texts,
      ...scene.log.lines,
      await scene.metrics.registry.metrics(),
    ].join('\n');
    expect(said).not.toContain('canary-7f3a');
  });
  it('drops owner references and finalizers of templates', async () => {
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'x' }];
    sealed.spec.template = {
      metadata: { finalizers: ['a/b'], ownerReferences, namespace: 'kube-system', name: 'other' },
    };
    const key = await scene.store(sealed);
    expect(await scene.pass(key)).toBeUndefined();
    const secret = await scene.secret(key);
    expect(secret?.metadata).not.toHaveProperty('finalizers');
    expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'SealedSecret', name: 'db' }]);
  });
});

describe('hostile objects', () => {
  const base = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret' };
  const hostile: readonly (readonly [string, unknown])[] = [
    ['no spec', {}],
    ['a null spec', { spec: null }],
    ['a text for spec', { spec: 'x' }],
    ['null data', { spec: { encryptedData: null } }],
    ['a list for data', { spec: { encryptedData: ['x'] } }],
    ['numbers in data', { spec: { encryptedData: { a: 1, b: null, c: {}, d: [] } } }],
    ['prototype names', { spec: { encryptedData: JSON.parse('{"__proto__":"AgA=","constructor":"AgA="}') } }],
    ['a template that is a list', { spec: { encryptedData: {}, template: [] } }],
    ['metadata that is a text', { spec: { encryptedData: {}, template: { metadata: 'x' } } }],
    [
      'labels that are numbers',
      { spec: { encryptedData: {}, template: { metadata: { labels: { a: 1 } } } } },
    ],
    [
      'labels that are null',
      { spec: { encryptedData: {}, template: { metadata: { labels: { a: null } } } } },
    ],
    ['a type that is a number', { spec: { encryptedData: {}, template: { type: 1 } } }],
    ['immutable that is a text', { spec: { encryptedData: {}, template: { immutable: 'yes' } } }],
    [
      'owner references that are a text',
      { spec: { encryptedData: {}, template: { metadata: { ownerReferences: 'x' } } } },
    ],
    ['template data that is a list', { spec: { encryptedData: {}, template: { data: ['x'] } } }],
    ['legacy data that is a number', { spec: { data: 7, encryptedData: {} } }],
    ['both kinds of data', { spec: { data: 'AgA=', encryptedData: { a: 'AgA=' } } }],
    ['a huge item', { spec: { encryptedData: { a: 'A'.repeat(1_000_000) } } }],
    [
      'a thousand items',
      {
        spec: {
          encryptedData: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, 'AgA='])),
        },
      },
    ],
    ['a status that is a text', { spec: { encryptedData: { a: 'x' } }, status: 'x' }],
    [
      'conditions that are null',
      { spec: { encryptedData: { a: 'x' } }, status: { conditions: [null], lastUnseal: 7 } },
    ],
    ['another kind', { kind: 'Secret', spec: {} }],
    ['another version', { apiVersion: 'bitnami.com/v9', spec: {} }],
  ];
  it.each(hostile)('with %s hurt nobody', async (_name, parts) => {
    const key = { namespace, name: 'hostile' };
    const object = {
      ...base,
      metadata: { ...key, uid: 'u', generation: 1 },
      ...(parts as object),
    } as KubeObject;
    const writes: unknown[] = [];
    const statuses = { write: async (...args: readonly unknown[]) => void writes.push(args[2]) };
    const sealedSecrets = { get: () => object };
    const code = await scene.pass(key, { sealedSecrets, statuses });
    expect(code ?? 'made').not.toBe('unknown');
    expect(writes).toHaveLength(1);
  });
});
