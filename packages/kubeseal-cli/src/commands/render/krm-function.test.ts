import { parseSealedSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CERT, KEY } from '../../testing/keys.ts';
import { sealedYaml } from '../../testing/opened.ts';
import { runCli } from '../../testing/run-cli.ts';
import { UNSEAL } from '../../testing/sealed-text.ts';

const HIDDEN = /hunter2|aHVudGVyMg/;
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'prod-db', namespace: 'shop', annotations: {} },
  stringData: { password: 'hunter2' },
};
const OTHER = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { on: 'yes' } };
const KUSTOMIZE = {
  'internal.config.kubernetes.io/needsHashSuffix': 'enabled',
  'internal.config.kubernetes.io/previousKinds': 'Secret,Secret',
  'internal.config.kubernetes.io/previousNames': 'db,db',
};

interface List {
  readonly items: readonly Record<string, unknown>[];
  readonly results?: readonly object[];
}

async function run(items: readonly object[], config?: object, argv: readonly string[] = []) {
  const list = {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    items,
    ...(config === undefined ? {} : { functionConfig: config }),
  };
  const result = await runCli({
    argv: ['krm-function', ...argv],
    stdin: JSON.stringify(list),
    files: { 'cert.pem': CERT },
  });
  return { ...result, list: parse(result.stdout) as List };
}
const transformer = (spec: object) => ({
  apiVersion: 'fuin/v1alpha1',
  kind: 'SealedSecretTransformer',
  spec,
});
const SEALING = transformer({ certificate: 'cert.pem' });
const sealed = async (metadata: object, options = {}) => {
  const object = parse(await sealedYaml({ password: 'hunter2' }, options));
  return { ...object, metadata: { ...object.metadata, ...metadata } };
};

describe('kubeseal krm-function', () => {
  it('seals a Secret under the name that it has, and returns every other object as it is', async () => {
    const { code, list, stdout } = await run([OTHER, SECRET], SEALING);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(HIDDEN);
    expect(list.items[0]).toEqual(OTHER);
    expect(parseSealedSecret(list.items[1]).metadata).toEqual({ name: 'prod-db', namespace: 'shop' });
    const files = { 'key.pem': KEY };
    const opened = await runCli({ argv: UNSEAL, stdin: JSON.stringify(list.items[1]), files });
    expect(opened.stdout).toContain('password: aHVudGVyMg==\n');
    expect(list.results).toEqual([
      {
        message: 'sealed password',
        severity: 'info',
        resourceRef: { apiVersion: 'v1', kind: 'Secret', name: 'prod-db', namespace: 'shop' },
      },
    ]);
  });
  it('lets Kustomize follow references, and add no hash of the plaintext to the name', async () => {
    const annotated = { ...SECRET, metadata: { ...SECRET.metadata, annotations: KUSTOMIZE } };
    const { list } = await run([annotated], SEALING);
    expect(parseSealedSecret(list.items[0]).metadata.annotations).toEqual({
      'internal.config.kubernetes.io/previousKinds': 'SealedSecret,SealedSecret',
      'internal.config.kubernetes.io/previousNames': 'db,db',
    });
    expect(parseSealedSecret(list.items[0]).spec.template?.metadata).toEqual({
      name: 'prod-db',
      namespace: 'shop',
    });
  });
  it('reads its configuration from a ConfigMap too, and from flags without one', async () => {
    const data = { certificate: 'cert.pem', scope: 'cluster-wide' };
    const wide = await run([SECRET], { apiVersion: 'v1', kind: 'ConfigMap', data });
    expect(wide.list.items[0]).toMatchObject({
      metadata: { annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
    });
    expect(await run([SECRET], undefined, ['--cert', 'cert.pem'])).toMatchObject({ code: 0 });
    const wins = await run([SECRET], SEALING, ['--cert', 'missing.pem']);
    expect(wins.code).toBe(0);
  });
  it.each([
    ['name', { name: 'prod-db' }, {}, 'template has the name db'],
    ['namespace', { namespace: 'green' }, {}, 'template has the namespace shop'],
    ['namespace', { namespace: 'green' }, { scope: 'namespace-wide' }, 'template has the namespace shop'],
  ])(
    'refuses a SealedSecret whose %s was changed since it was sealed',
    async (_field, metadata, options, why) => {
      const { code, list, stderr } = await run([OTHER, await sealed(metadata, options)]);
      expect({ code, items: list.items }).toEqual({ code: 3, items: [] });
      expect(stderr).toContain(why);
      expect(list.results).toMatchObject([{ severity: 'error', resourceRef: { kind: 'SealedSecret' } }]);
    },
  );
  it('refuses a renamed SealedSecret without a template by the name that Kustomize has noted', async () => {
    const { spec, ...object } = await sealed({ name: 'prod-db', annotations: KUSTOMIZE });
    const { encryptedData } = spec;
    expect(await run([{ ...object, spec: { encryptedData } }])).toMatchObject({ code: 3 });
  });
  it('gives a SealedSecret its own name and namespace back, where that is asked for', async () => {
    const renamed = await sealed({ name: 'prod-db', namespace: 'green' });
    const { code, list } = await run([renamed], transformer({ renamed: 'restore' }));
    expect({ code, items: list.items }).toEqual({
      code: 0,
      items: [{ ...renamed, metadata: { name: 'db', namespace: 'shop' } }],
    });
  });
  it('lets the template follow where the scope allows another name', async () => {
    const renamed = await sealed({ name: 'prod-db' }, { scope: 'namespace-wide' });
    const { code, list } = await run([renamed]);
    expect(code).toBe(0);
    expect(parseSealedSecret(list.items[0]).spec.template?.metadata?.name).toBe('prod-db');
  });
  it('refuses Secrets in the clear where it must not seal', async () => {
    const { code, list, stdout, stderr } = await run([OTHER, SECRET], transformer({ secrets: 'refuse' }));
    expect({ code, items: list.items }).toEqual({ code: 3, items: [] });
    expect(stderr).toMatch(/^error: Secret shop\/prod-db: is a Secret in the clear\nhint: /);
    expect(stdout + stderr).not.toMatch(HIDDEN);
  });
  it.each([
    ['in a string', { ...OTHER, data: { 'a.yaml': 'kind: Secret\nstringData: {p: hunter2}\n' } }],
    ['of a misspelt kind', { ...SECRET, kind: 'Secrets' }],
  ])(
    'prints no object where a Secret %s stays in the clear beside one that is sealed',
    async (_what, item) => {
      const { code, list, stdout, stderr } = await run([SECRET, item], SEALING);
      expect({ code, items: list.items }).toEqual({ code: 3, items: [] });
      expect(list.results).toMatchObject([{ severity: 'info' }, { severity: 'error' }]);
      expect(stdout + stderr).not.toMatch(HIDDEN);
    },
  );
  it('takes the namespace of a Secret from no kubeconfig, and from no variable of Helm', async () => {
    const files = {
      'cert.pem': CERT,
      config: 'contexts: [{name: a, context: {namespace: other}}]\ncurrent-context: a\n',
    };
    const items = [{ ...SECRET, metadata: { name: 'db' } }];
    const { code, stdout, stderr } = await runCli({
      argv: ['krm-function', '--cert', 'cert.pem', '--kubeconfig', 'config'],
      stdin: JSON.stringify({ apiVersion: 'config.kubernetes.io/v1', kind: 'ResourceList', items }),
      files,
      env: { HELM_NAMESPACE: 'shop' },
    });
    expect({ code, list: parse(stdout) }).toMatchObject({ code: 1, list: { items: [] } });
    expect(stderr).toContain('the namespace of Secret db is missing');
  });
  it.each([
    ['another kind of configuration', { kind: 'Deployment' }, 'the functionConfig is a Deployment'],
    ['an unknown entry', transformer({ cert: 'cert.pem' }), 'has an entry that kubeseal does not know: cert'],
    [
      'an entry with a name that every object has',
      transformer({ valueOf: 'x' }),
      'has an entry that kubeseal does not know: valueOf',
    ],
    [
      'a wrong choice',
      transformer({ secrets: 'show' }),
      'secrets of the functionConfig is none of seal, refuse',
    ],
    [
      'an entry that is no string',
      transformer({ scope: ['strict'] }),
      'scope of the functionConfig is no string',
    ],
    ['a spec that is no map', transformer(['strict']), 'spec of the SealedSecretTransformer is no map'],
    ['an unknown scope', transformer({ scope: 'wide' }), 'scope'],
    ['a certificate that is missing', transformer({ certificate: 'none.pem' }), 'none.pem'],
  ])('reports %s, and prints no object', async (_what, config, message) => {
    const { code, list, stdout, stderr } = await run([SECRET], config);
    expect({ code, items: list.items }).toEqual({ code: 1, items: [] });
    expect(list.results).toMatchObject([{ severity: 'error', message: expect.stringContaining(message) }]);
    expect(stdout + stderr).not.toMatch(HIDDEN);
  });
  it.each([
    ['a manifest', 'kind: Secret\nstringData: {p: hunter2}\n'],
    ['nothing', ''],
    ['two lists', '{"kind":"ResourceList"}{"kind":"ResourceList"}'],
    [
      'two lists of the right version',
      'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n---\napiVersion: config.kubernetes.io/v1\nkind: ResourceList\n',
    ],
    ['items that are no list', 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: hunter2\n'],
    [
      'an item that is no object',
      'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [hunter2]\n',
    ],
  ])('refuses %s', async (_what, stdin) => {
    const { code, stdout, stderr } = await runCli({ argv: ['krm-function'], stdin });
    expect({ code, list: parse(stdout) }).toMatchObject({ code: 1, list: { items: [] } });
    expect(stdout + stderr).not.toMatch(HIDDEN);
  });
  it('reports every object that is wrong at once', async () => {
    const nameless = { ...SECRET, metadata: { namespace: 'shop' } };
    const { list, code } = await run([SECRET, nameless, await sealed({ name: 'x' })], SEALING);
    expect(code).toBe(1);
    expect(list.results?.map((result) => (result as { severity: string }).severity)).toEqual([
      'info',
      'error',
      'error',
    ]);
  });
});
