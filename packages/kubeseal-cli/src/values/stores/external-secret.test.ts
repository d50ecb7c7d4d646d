import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { imported, refused } from '../../testing/imported.ts';
import { startStore, type TestStore } from '../../testing/servers/store-server.ts';

let server: TestStore;
beforeAll(async () => {
  server = await startStore();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.seen.length = 0;
});

const external = (spec: object, metadata: object = {}) =>
  stringify({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', namespace: 'shop', ...metadata },
    spec: { refreshInterval: '1h', secretStoreRef: { name: 'store', kind: 'SecretStore' }, ...spec },
  });
const store = (provider: object, kind = 'SecretStore') =>
  stringify({ apiVersion: 'external-secrets.io/v1', kind, metadata: { name: 'store' }, spec: { provider } });
const vault = (more: object = {}) => ({
  vault: {
    server: server.url,
    path: 'secret',
    version: 'v2',
    auth: { tokenSecretRef: { name: 't', key: 'k' } },
    ...more,
  },
});
const env = (): Record<string, string> => ({
  VAULT_ADDR: server.url,
  VAULT_TOKEN: 's.token',
  AWS_ENDPOINT_URL: server.url,
  AWS_ACCESS_KEY_ID: 'AKIA1',
  AWS_SECRET_ACCESS_KEY: 'k',
});
const answerVault = (data: unknown) => {
  server.answer = () => ({ data: { data, metadata: { created_time: 'x' } } });
};
const run = (files: Record<string, string>) => ({ files, env: env() });
const SOURCE = ['external-secret:es.yaml', '--secret-store', 'store.yaml'];

describe('kubeseal import external-secret:', () => {
  it('reads what data and dataFrom name in Vault, and makes the Secret of target', async () => {
    answerVault({ user: 'ann', password: 's3cret', deep: { 'a.b': '1', c: { d: '2' } } });
    const es = external({
      target: {
        name: 'db-login',
        creationPolicy: 'Owner',
        template: {
          type: 'kubernetes.io/basic-auth',
          engineVersion: 'v2',
          metadata: { labels: { app: 'web' } },
        },
      },
      data: [
        {
          secretKey: 'username',
          remoteRef: {
            key: 'shop/db',
            property: 'user',
            conversionStrategy: 'Default',
            decodingStrategy: 'None',
            metadataPolicy: 'None',
          },
        },
        { secretKey: 'd', remoteRef: { key: 'secret/data/shop/db', property: 'deep.c.d', version: '3' } },
      ],
    });
    const { stderr, sealed, ...secret } = await imported(
      SOURCE,
      run({ 'es.yaml': es, 'store.yaml': store(vault({ namespace: 'team' })) }),
    );
    expect(secret).toEqual({
      name: 'db-login',
      namespace: 'shop',
      type: 'kubernetes.io/basic-auth',
      labels: { app: 'web' },
      annotations: {},
      items: { username: 'ann', d: '2' },
    });
    expect(stderr).toContain(`note: read secret/shop/db of ${server.url}\n`);
    expect(server.seen.map(({ url, headers }) => [url, headers['x-vault-namespace']])).toEqual([
      ['/v1/secret/data/shop/db', 'team'],
      ['/v1/secret/data/shop/db?version=3', 'team'],
    ]);
  });
  it('takes all fields with dataFrom, and data wins', async () => {
    answerVault({ user: 'ann', 'a b': 'x' });
    const es = external(
      {
        dataFrom: [{ extract: { key: 'shop/db' } }],
        data: [{ secretKey: 'user', remoteRef: { key: 'shop/db', property: 'a b' } }],
      },
      { labels: { app: 'web' } },
    );
    const { items, labels, name } = await imported(
      ['external-secret:es.yaml'],
      run({ 'es.yaml': `${es}---\n${store(vault())}` }),
    );
    expect(server.seen).toHaveLength(1);
    expect({ items, labels, name }).toEqual({
      items: { user: 'x', a_b: 'x' },
      labels: { app: 'web' },
      name: 'db',
    });
  });
  it('reads AWS Secrets Manager and parameters', async () => {
    server.answer = ({ headers }) =>
      headers['x-amz-target'] === 'AmazonSSM.GetParameter'
        ? { Parameter: { Value: 'p' } }
        : { Name: 'db', SecretString: '{"user":"ann"}' };
    const data = [
      {
        secretKey: 'user',
        remoteRef: { key: 'db', property: 'user', version: 'uuid/6960dd45-218c-4745-acf1-9d4a7b9a5c11' },
      },
      { secretKey: 'all', remoteRef: { key: 'db' } },
    ];
    const manager = store({ aws: { service: 'SecretsManager', region: 'eu-west-1', role: 'r' } });
    expect(
      (await imported(SOURCE, run({ 'es.yaml': external({ data }), 'store.yaml': manager }))).items,
    ).toEqual({ user: 'ann', all: '{"user":"ann"}' });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
      SecretId: 'db',
      VersionId: '6960dd45-218c-4745-acf1-9d4a7b9a5c11',
    });
    const parameters = store({ aws: { service: 'ParameterStore', region: 'eu-west-1' } });
    const one = external({ data: [{ secretKey: 'p', remoteRef: { key: '/db', version: '3' } }] });
    expect((await imported(SOURCE, run({ 'es.yaml': one, 'store.yaml': parameters }))).items).toEqual({
      p: 'p',
    });
    expect(JSON.parse(server.seen.at(-1)?.body ?? '')).toEqual({ Name: '/db:3', WithDecryption: true });
  });

  const data = [{ secretKey: 'user', remoteRef: { key: 'shop/db', property: 'user' } }];
  it.each<[string, object, string]>([
    [
      'spec',
      { data, target: { template: { data: { x: '{{ .user }}' } } } },
      'es.yaml has spec.target.template.data, which import cannot do',
    ],
    [
      'target',
      { data, target: { creationPolicy: 'Merge' } },
      'es.yaml has spec.target.creationPolicy other than Owner or Orphan, which import cannot do',
    ],
    [
      'find',
      { dataFrom: [{ find: { name: { regexp: '.*' } } }] },
      'es.yaml has spec.dataFrom[0].find, which import cannot do',
    ],
    [
      'rewrite',
      { dataFrom: [{ extract: { key: 'a' }, rewrite: [] }] },
      'es.yaml has spec.dataFrom[0].rewrite, which import cannot do',
    ],
    [
      'base64',
      { data: [{ secretKey: 'u', remoteRef: { key: 'a', decodingStrategy: 'Base64' } }] },
      'es.yaml has spec.data[0].remoteRef.decodingStrategy other than None, which import cannot do',
    ],
    [
      'gjson',
      { data: [{ secretKey: 'u', remoteRef: { key: 'a', property: 'users.#(x)' } }] },
      'secret/a of SERVER has property "users.#(x)", which import cannot do',
    ],
    [
      'a whole secret of Vault',
      { data: [{ secretKey: 'u', remoteRef: { key: 'a' } }] },
      'remoteRef of a has no property',
    ],
    [
      'a missing property',
      { data: [{ secretKey: 'u', remoteRef: { key: 'a', property: 'none' } }] },
      'secret/a of SERVER has no property none',
    ],
    [
      'a path that leads out',
      { data: [{ secretKey: 'u', remoteRef: { key: '../sys/raw', property: 'user' } }] },
      'vault: the path has a part that is empty, . or ..',
    ],
    [
      'a store that is not there',
      { data, secretStoreRef: { name: 'none', kind: 'ClusterSecretStore' } },
      'es.yaml names the ClusterSecretStore none, which is in no given file',
    ],
  ])('refuses what it cannot do: %s', async (_, spec, error) => {
    answerVault({ user: 'hunter2' });
    const result = await refused(SOURCE, run({ 'es.yaml': external(spec), 'store.yaml': store(vault()) }));
    expect({ code: result.code, error: result.error.replace(server.url, 'SERVER') }).toEqual({
      code: 1,
      error,
    });
  });
  it.each<[string, object, string]>([
    [
      'another server',
      { vault: { server: 'https://evil.example', path: 'secret' } },
      'the store is at https://evil.example, and VAULT_ADDR is SERVER',
    ],
    [
      'another host of Azure',
      { azurekv: { vaultUrl: 'https://shop.vault.azure.net.evil.example' } },
      'azure-kv: this is not the name of a vault',
    ],
    [
      'a region that is a host',
      { aws: { service: 'SecretsManager', region: 'x.evil.example/' } },
      'the region of AWS is missing',
    ],
    [
      'a provider that is unknown',
      { gitlab: {} },
      'the SecretStore store has the provider gitlab, which import cannot read',
    ],
    [
      'a field that is unknown',
      { aws: { region: 'eu-west-1', prefix: 'x' } },
      'the SecretStore store has the field prefix of aws, which import cannot do',
    ],
  ])('sends no token where a SecretStore has %s', async (_, provider, error) => {
    answerVault({ user: 'hunter2' });
    const result = await refused(
      SOURCE,
      run({ 'es.yaml': external({ data }), 'store.yaml': store(provider) }),
    );
    expect({ code: result.code, error: result.error.replace(server.url, 'SERVER') }).toEqual({
      code: 1,
      error,
    });
    expect(server.seen).toEqual([]);
  });
});
