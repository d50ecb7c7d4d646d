import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pauseMsAfter } from '../faults.ts';
import { error, type FakeAzure, type FakeKeyType, startFakeAzure } from '../testing/fake-azure.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import { CONTEXT, describeWrapper, failureOf } from '../testing/wrapper-contract.ts';
import { openAzureWrapper } from './azure-wrapper.ts';

const DATA_KEY = new Uint8Array(32).fill(7);
const REJECTED = 'ERR_KEY_SERVICE_REJECTED';
const UNAVAILABLE = 'ERR_KEY_SERVICE_UNAVAILABLE';
const LOGIN = 'https://login.microsoftonline.com';

/** What the webhook of AKS workload identity puts into a Pod. */
async function podOf({ subjectToken, tenant, clientId }: FakeAzure, directory: string) {
  const file = join(directory, 'azure-identity-token');
  await writeFile(file, `${subjectToken}\n`);
  return {
    AZURE_FEDERATED_TOKEN_FILE: file,
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: clientId,
    AZURE_AUTHORITY_HOST: `${LOGIN}/`,
  };
}

describe.each<[string, FakeKeyType]>([
  ['an RSA key of Azure Key Vault', 'RSA'],
  ['an AES key of Azure Managed HSM', 'oct-HSM'],
])('contract:', (what, kty) => {
  describeWrapper(what, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fuin-azure-'));
    const azure = await startFakeAzure(kty);
    const proxy = await startFaultProxy(azure.url);
    const env = await podOf(azure, directory);
    const reach = (origin: string) => (origin === LOGIN ? azure.url : proxy.url);
    return {
      open: (timeoutMs = 10_000) => openAzureWrapper(azure.key, { env }, { timeoutMs, reach }),
      setTrouble: (trouble) => {
        proxy.trouble = trouble;
      },
      bindsContext: false,
      ...(kty === 'oct-HSM' ? { isDeterministic: true as const } : {}),
      secrets: azure.secrets,
      close: async () => {
        await Promise.all([proxy.close(), azure.close()]);
        await rm(directory, { recursive: true, force: true });
      },
    };
  }, ['cut', 'garbage', 'huge', 'redirect', 'silent', 'gone', 403, 404, 429, 500, 503]);
});

describe('a wrapper of Azure Key Vault', () => {
  let azure: FakeAzure;
  let directory: string;
  let pod: Readonly<Record<string, string>>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-azure-'));
  });
  beforeEach(async () => {
    azure = await startFakeAzure();
    pod = await podOf(azure, directory);
  });
  afterEach(() => azure.close());
  afterAll(() => rm(directory, { recursive: true, force: true }));
  const open = (env = pod, key = azure.key, reach = (_origin: string) => azure.url) =>
    openAzureWrapper(key, { env }, { timeoutMs: 10_000, reach });

  it('asks for one token for many keys, and for another one before it expires', async () => {
    const wrapper = open();
    const all = await Promise.all(Array.from({ length: 8 }, () => wrapper.wrap(DATA_KEY, CONTEXT)));
    for (const wrapped of all) expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(DATA_KEY);
    expect(azure.tokenRequests).toBe(1);
    await wrapper.close();
    azure.lifeSeconds = 60; // less than the spare time of the library
    const hasty = open();
    await hasty.wrap(DATA_KEY, CONTEXT);
    expect(azure.tokenRequests).toBe(3);
    await hasty.close();
  });
  it('gets another token when the clock of the service says that the first one has expired', async () => {
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    azure.tokens.clear();
    const opened = await Promise.all(Array.from({ length: 4 }, () => wrapper.unwrap(wrapped, CONTEXT)));
    expect(opened).toEqual(Array(4).fill(DATA_KEY));
    expect(azure.tokenRequests).toBe(2);
    azure.refusal = error(401, 'Unauthorized');
    expect(await failureOf(wrapper.unwrap(wrapped, CONTEXT))).toMatchObject({
      code: REJECTED,
      hint: expect.stringContaining('of another tenant than the vault'),
    });
    await wrapper.close();
  });
  it('names the version of the key that wrapped, opens older ones, and rewraps with the newest', async () => {
    const wrapper = open();
    const old = await wrapper.wrap(DATA_KEY, CONTEXT);
    azure.rotate();
    expect(await wrapper.unwrap(old, CONTEXT)).toEqual(DATA_KEY);
    const fresh = await wrapper.rewrap(old, CONTEXT);
    const starts = [old, fresh].map((each) => Buffer.from(each).toString().slice(0, 55));
    expect(starts).toEqual(azure.versions.map(({ id }) => `azure-kv:v${id}:RSA-OAEP-256`));
    await wrapper.close();
  });
  it('says that the key is disabled, and works when it is enabled again', async () => {
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    const [version] = azure.versions;
    if (!version) throw new Error('there is a version');
    version.isEnabled = false;
    const failure = await failureOf(wrapper.unwrap(wrapped, CONTEXT));
    expect(failure).toMatchObject({ code: REJECTED, hint: expect.stringContaining('is disabled') });
    expect(failure.message).toMatch(/it answered KeyDisabled$/);
    version.isEnabled = true;
    expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(DATA_KEY);
    await wrapper.close();
  });
  it.each([
    [
      'no right',
      error(403, 'Forbidden', 'ForbiddenByRbac'),
      REJECTED,
      'Key Vault Crypto Service Encryption User',
    ],
    ['a firewall', error(403, 'Forbidden', 'ForbiddenByFirewall'), REJECTED, 'the firewall of the vault'],
    ['a deleted key', error(404, 'KeyNotFound'), REJECTED, 'az keyvault key recover'],
    [
      'a throttled vault',
      { ...error(429, 'Throttled'), headers: { 'retry-after': '7' } },
      UNAVAILABLE,
      'too often',
    ],
  ])('reports %s', async (_what, answer, code, hint) => {
    azure.refusal = answer;
    const wrapper = open();
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure).toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(failure.message).not.toContain('not to be shown');
    expect(pauseMsAfter(failure, 0)).toBe(answer.status === 429 ? 7000 : 0);
    await wrapper.close();
  });
  it.each<[string, Record<string, string>, string, string]>([
    ['of another tenant', { AZURE_TENANT_ID: 'other.example.com' }, 'invalid_request', 'no such tenant'],
    ['of another application', { AZURE_CLIENT_ID: 'x' }, 'unauthorized_client', 'no such application'],
  ])('says that there is no token for a Pod %s', async (_what, more, word, hint) => {
    const wrapper = open({ ...pod, ...more });
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure).toMatchObject({ code: REJECTED, hint: expect.stringContaining(hint) });
    expect(failure.message).toBe(`key service of Azure (credentials): it answered ${word}`);
    await wrapper.close();
  });
  it('reads the token of the service account again, and shows neither it nor what the login says', async () => {
    const file = pod['AZURE_FEDERATED_TOKEN_FILE'] ?? '';
    const wrapper = open();
    await rm(file);
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).message).toMatch(/cannot be read: ENOENT$/);
    await writeFile(file, 'a-wrong-token');
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure).toMatchObject({ code: REJECTED, hint: expect.stringContaining('federated credential') });
    expect(`${failure.message} ${failure.hint} ${String(failure.cause)}`).not.toContain('a-wrong-token');
    await writeFile(file, azure.subjectToken);
    expect(await wrapper.unwrap(await wrapper.wrap(DATA_KEY, CONTEXT), CONTEXT)).toEqual(DATA_KEY);
    await wrapper.close();
  });
  it.each([429, 503])(
    'passes on that the login answers %i, and tries again when asked to',
    async (status) => {
      const wrapper = open();
      azure.tokenRefusal = { status, headers: { 'retry-after': '9' }, fields: {} };
      const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
      expect([failure.code, pauseMsAfter(failure, 0)]).toEqual([UNAVAILABLE, 9000]);
      azure.tokenRefusal = undefined;
      expect(await wrapper.unwrap(await wrapper.wrap(DATA_KEY, CONTEXT), CONTEXT)).toEqual(DATA_KEY);
      await wrapper.close();
    },
  );
  it('keeps a token that is still good, although the login fails when it should be renewed', async () => {
    azure.refreshInSeconds = 1;
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    azure.tokenRefusal = { status: 503, fields: {} };
    const renewals = async () => {
      expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(DATA_KEY);
      return azure.tokenRequests - 1;
    };
    await expect.poll(renewals).toBeGreaterThan(1);
    await wrapper.close();
  });
  it.each<[string, (fields: Record<string, unknown>) => object, string]>([
    [
      'is for another key',
      (fields) => ({ ...fields, kid: 'https://evil.vault.azure.net/keys/k/1' }),
      REJECTED,
    ],
    ['is for another version', (fields) => ({ ...fields, kid: `${fields['kid']}0` }), REJECTED],
    ['holds no value', ({ value: _value, ...fields }) => fields, UNAVAILABLE],
    ['holds something else than base64url', (fields) => ({ ...fields, value: 'a+/=' }), UNAVAILABLE],
  ])('takes no answer that %s', async (_what, spoil, code) => {
    const wrapper = open();
    const wrapped = await wrapper.wrap(DATA_KEY, CONTEXT);
    azure.spoil = spoil;
    expect((await failureOf(wrapper.unwrap(wrapped, CONTEXT))).code).toBe(code);
    await wrapper.close();
  });
  it('wraps with no key but the one that was asked for', async () => {
    const wrapper = open();
    azure.spoil = (fields) => ({
      ...fields,
      key: { kid: 'https://evil.vault.azure.net/keys/k/1', kty: 'RSA' },
    });
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).message).toMatch(
      /for another key than it was asked/,
    );
    await wrapper.close();
  });
  it('wraps with no key of an elliptic curve, and never with older algorithms of RSA', async () => {
    const curve = await startFakeAzure('EC');
    const wrapper = open(await podOf(curve, directory), curve.key, () => curve.url);
    expect((await failureOf(wrapper.wrap(DATA_KEY, CONTEXT))).message).toMatch(
      /of a type that wraps nothing$/,
    );
    const old = new TextEncoder().encode(`azure-kv:v${'0'.repeat(32)}:RSA1_5:AAAA`);
    expect((await failureOf(wrapper.unwrap(old, CONTEXT))).message).toMatch(
      /not wrapped by Azure Key Vault$/,
    );
    await wrapper.close();
    await curve.close();
  });
  it('takes a token of the environment, or of the program az, which is asked once', async () => {
    const given = open({ AZURE_ACCESS_TOKEN: 'given' });
    expect((await failureOf(given.wrap(DATA_KEY, CONTEXT))).message).toMatch(/it answered Unauthorized$/);
    await given.close();
    const count = join(directory, 'count');
    const answer = { accessToken: 'from-az', expires_on: Math.floor(Date.now() / 1000) + 3600 };
    await writeFile(
      join(directory, 'az'),
      `#!/bin/sh\necho "$*" >> '${count}'\necho '${JSON.stringify(answer)}'\n`,
      { mode: 0o755 },
    );
    azure.tokens.add('from-az');
    const wrapper = open({ PATH: `${directory}:${process.env['PATH']}` });
    expect(await wrapper.unwrap(await wrapper.wrap(DATA_KEY, CONTEXT), CONTEXT)).toEqual(DATA_KEY);
    const resource = 'https://vault.azure.net';
    expect(await readFile(count, 'utf8')).toBe(
      `account get-access-token --resource ${resource} --output json\n`,
    );
    await wrapper.close();
    await rm(join(directory, 'az'));
  });
  it('says what to do without credentials', async () => {
    const wrapper = open({ PATH: directory });
    const failure = await failureOf(wrapper.wrap(DATA_KEY, CONTEXT));
    expect(failure).toMatchObject({
      code: REJECTED,
      hint: expect.stringContaining('azure.workload.identity/use'),
    });
    expect(() => open({ AZURE_FEDERATED_TOKEN_FILE: '/t' })).toThrow('AZURE_CLIENT_ID or AZURE_TENANT_ID');
    expect(() =>
      openAzureWrapper(azure.key, { env: { ...pod, AZURE_AUTHORITY_HOST: 'login.example.com' } }),
    ).toThrow('AZURE_AUTHORITY_HOST is not the address of a server');
    await wrapper.close();
  });
  it.each([
    '',
    'shop-prod/sealed-secrets',
    'http://shop-prod.vault.azure.net/keys/k',
    'https://shop-prod.vault.azure.net.example.com/keys/k',
    'https://shop-prod.example.com/keys/k',
    'https://shop-prod.vault.azure.net/secrets/k',
    `https://shop-prod.vault.azure.net/keys/k/${'0'.repeat(32)}`,
    'https://shop-prod.vault.azure.net:8443/keys/k',
  ])('is not named %j', (name) => {
    expect(() => open(pod, name)).toThrow('azure-kv: needs the identifier of a key');
  });
  it.each([
    ['https://a-1.vault.azure.cn/keys/k', 'https://login.chinacloudapi.cn'],
    ['https://a-1.managedhsm.usgovcloudapi.net/keys/k', 'https://login.microsoftonline.us'],
  ])('logs in for %s at %s', async (key, authority) => {
    const asked: string[] = [];
    const { AZURE_AUTHORITY_HOST: _host, ...env } = pod;
    const wrapper = open(env, key, (origin) => {
      asked.push(origin);
      return azure.url;
    });
    expect(asked).toEqual([new URL(key).origin, authority]);
    await wrapper.close();
  });
});
