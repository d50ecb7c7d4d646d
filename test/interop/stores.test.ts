import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imported, refused } from '../../packages/kubeseal-cli/src/testing/imported.ts';
import { CERT } from '../../packages/kubeseal-cli/src/testing/keys.ts';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import { documentedPolicy } from '../support/stores/policies.ts';
import {
  askMoto,
  awsUser,
  enforceRights,
  type RunningStore,
  startMoto,
  startVault,
  VAULT_TOKEN,
  writeToVault,
} from '../support/stores/running.ts';
import { guideTool } from '../support/tools/guide-tools.ts';
import { STORE_TOOLS } from '../support/tools/store-tools.ts';

const run = promisify(execFile);

describe("Vault's own KV engines", () => {
  let vault: RunningStore;
  let env: Record<string, string>;
  beforeAll(async () => {
    vault = await startVault();
    env = { VAULT_ADDR: vault.url, VAULT_TOKEN };
    await writeToVault(vault.url, 'POST', 'secret/data/shop/db', { data: { user: 'old' } });
    const data = { user: 'ann', password: 'pa ss\n', port: 5432, on: true };
    await writeToVault(vault.url, 'POST', 'secret/data/shop/db', { data });
    await writeToVault(vault.url, 'POST', 'kv/shop/db', { user: 'ann', port: 5432 });
    await writeToVault(vault.url, 'POST', 'secret/data/gone', { data: { user: 'ann' } });
    await writeToVault(vault.url, 'DELETE', 'secret/data/gone');
  });
  afterAll(() => vault?.stop());

  it('give the values of version 2, the newest or an older one', async () => {
    const { items } = await imported(['vault:secret/shop/db', 'shop/db'], { env });
    expect(items).toEqual({ user: 'ann', password: 'pa ss\n', port: '5432', on: 'true' });
    expect((await imported(['vault:secret/shop/db?version=1', 'shop/db'], { env })).items).toEqual({
      user: 'old',
    });
  });
  it('give the values of version 1', async () => {
    const { items } = await imported(['vault:kv/shop/db', 'shop/db'], { env });
    expect(items).toEqual({ user: 'ann', port: '5432' });
  });
  it.each([
    ['secret/gone', 'cannot read secret/gone of VAULT: this version was deleted'],
    ['secret/none', 'cannot read secret/none of VAULT: the server answered 404 Not Found'],
    ['kv/none', 'cannot read kv/none of VAULT: the server answered 404 Not Found'],
    ['other/db', 'cannot read other/db of VAULT: the server answered 404 Not Found'],
  ])('give nothing of %s', async (path, message) => {
    const { code, error } = await refused([`vault:${path}`, 'shop/db'], { env });
    expect({ code, error: error.replace(vault.url, 'VAULT') }).toEqual({ code: 1, error: message });
  });
  it('refuse another token', async () => {
    const { error } = await refused(['vault:secret/shop/db', 'shop/db'], {
      env: { ...env, VAULT_TOKEN: 'x' },
    });
    expect(error).toContain('the server answered 403 Forbidden');
  });
  it.each([
    ['secret/data/shop/db', { user: 'ann', password: 'pa ss\n', port: '5432', on: 'true' }],
    ['kv/shop/db', { user: 'ann', port: '5432' }],
  ])("are read by Vault's client, whose JSON of %s create recognises", async (path, items) => {
    const { stdout: printed } = await run(STORE_TOOLS.vault, ['get', path], { env });
    const { code, stdout } = await runCli({
      argv: ['create', 'shop/db', '--from-json', '-', '--cert', 'c', '--quiet'],
      stdin: printed,
      files: { c: CERT },
    });
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout).spec.encryptedData).sort()).toEqual(Object.keys(items).sort());
  });
});

describe('a stand-in for AWS that checks signatures and rights', () => {
  let aws: RunningStore;
  let reader: Record<string, string>;
  let stranger: Record<string, string>;
  beforeAll(async () => {
    aws = await startMoto();
    const put = (Name: string, Value: string) =>
      askMoto(aws.url, 'ssm', 'PutParameter', { Name, Value, Type: 'SecureString', Overwrite: true });
    const text = '{"user":"ann","port":5432}';
    await askMoto(aws.url, 'secretsmanager', 'CreateSecret', { Name: 'shop/db', SecretString: text });
    await askMoto(aws.url, 'secretsmanager', 'CreateSecret', { Name: 'shop/bin', SecretBinary: 'AP8=' });
    for (let count = 10; count < 22; count++) await put(`/shop/db/p${count}`, `v${count}`);
    await put('/shop/db/p10', 'new');
    reader = await awsUser(aws.url, 'reader', documentedPolicy());
    const other = { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' };
    stranger = await awsUser(aws.url, 'stranger', { Version: '2012-10-17', Statement: [other] });
    await enforceRights(aws.url);
  });
  afterAll(() => aws?.stop());

  it('gives a secret to a user with the policy of the documentation', async () => {
    const { items } = await imported(['aws-sm:shop/db', 'shop/db'], { env: reader });
    expect(items).toEqual({ user: 'ann', port: '5432' });
    expect((await imported(['aws-sm:shop/bin', 'shop/db'], { env: reader })).items).toEqual({
      bin: '\0\xff',
    });
  });
  it('gives a parameter, an older version of it, and all of a path, however many pages they take', async () => {
    expect((await imported(['aws-ssm:/shop/db/p10', 'shop/db'], { env: reader })).items).toEqual({
      p10: 'new',
    });
    const { items } = await imported(['aws-ssm:/shop/db/', 'shop/db'], { env: reader });
    expect(Object.keys(items)).toHaveLength(12);
    expect(items).toMatchObject({ p10: 'new', p21: 'v21' });
  });
  it('refuses a user without the right, and a wrong key', async () => {
    const source = ['aws-sm:shop/db', 'shop/db'];
    expect(await refused(source, { env: stranger })).toMatchObject({
      code: 1,
      error: expect.stringContaining(
        'cannot read shop/db of AWS Secrets Manager in eu-central-1: AWS answered',
      ),
    });
    const wrong = { ...reader, AWS_SECRET_ACCESS_KEY: 'wrong' };
    expect((await refused(source, { env: wrong })).error).toContain('AWS answered');
  });
});

describe('SOPS with a key of age', () => {
  let directory: string;
  let env: Record<string, string>;
  let sealed: Record<string, string>;
  const plain = {
    'secret.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\ntype: Opaque\nstringData: {user: ann}\ndata: {bin: AP8=}\n',
    'flat.yaml': 'user: ann\nport: 5432\n# a comment\n',
    'flat.json': '{"user": "ann", "text": "two\\nlines"}',
    'app.env': 'USER=ann\nTEXT=a=b c\n',
    'nested.yaml': 'a: {b: c}\n',
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-sops-'));
    const key = join(directory, 'key');
    await run(guideTool('age-keygen'), ['-o', key]);
    const [recipient = ''] = /age1\w+/.exec(await readFile(key, 'utf8')) ?? [];
    env = { PATH: dirname(STORE_TOOLS.sops), SOPS_AGE_KEY_FILE: key };
    const entries = Object.entries(plain).map(async ([name, text]) => {
      await writeFile(join(directory, name), text);
      const { stdout } = await run(STORE_TOOLS.sops, ['encrypt', '--age', recipient, join(directory, name)]);
      return [name, stdout];
    });
    sealed = Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('decrypts a Secret', async () => {
    const { name, namespace, items } = await imported(['sops:secret.yaml'], { env, files: sealed });
    expect({ name, namespace, items }).toEqual({
      name: 'db',
      namespace: 'shop',
      items: { user: 'ann', bin: '\0\xff' },
    });
  });
  it.each([
    ['flat.yaml', { user: 'ann', port: '5432' }],
    ['flat.json', { user: 'ann', text: 'two\nlines' }],
    ['app.env', { USER: 'ann', TEXT: 'a=b c' }],
  ])('decrypts the items of %s', async (file, items) => {
    expect((await imported([`sops:${file}`, 'shop/db'], { env, files: sealed })).items).toEqual(items);
  });
  it('refuses a file without the key, one that is not encrypted, and nested values', async () => {
    const other = { ...env, SOPS_AGE_KEY_FILE: '/nowhere' };
    expect((await refused(['sops:flat.yaml', 'shop/db'], { env: other, files: sealed })).error).toBe(
      'sops failed with exit code 128',
    );
    expect((await refused(['sops:flat.yaml', 'shop/db'], { env, files: plain })).error).toMatch(
      /^sops failed with exit code \d+$/,
    );
    expect((await refused(['sops:nested.yaml', 'shop/db'], { env, files: sealed })).error).toBe(
      'item a of nested.yaml is not a string, number or boolean',
    );
  });
});
