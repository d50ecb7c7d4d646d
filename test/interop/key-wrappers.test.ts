import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFaultProxy } from '../../packages/cloud/src/testing/fault-proxy.ts';
import { CONTEXT, describeWrapper, failureOf } from '../../packages/cloud/src/testing/wrapper-contract.ts';
import { openVaultWrapper } from '../../packages/cloud/src/vault/vault-wrapper.ts';
import { type RunningStore, startVault, VAULT_TOKEN, writeToVault } from '../support/stores/running.ts';
import { eventually } from '../support/time/eventually.ts';

const KEY = 'transit/sealed-secrets';
const makeKey = (url: string) =>
  writeToVault(url, 'POST', 'transit/keys/sealed-secrets', { type: 'aes256-gcm96', derived: true });

describeWrapper("a derived key of Vault's own transit engine", async () => {
  const vault = await startVault();
  await makeKey(vault.url);
  const proxy = await startFaultProxy(vault.url);
  const env = { VAULT_ADDR: proxy.url, VAULT_TOKEN };
  return {
    open: (timeoutMs) => openVaultWrapper(KEY, { env }, timeoutMs),
    setTrouble: (trouble) => {
      proxy.trouble = trouble;
    },
    secrets: [`"${VAULT_TOKEN}"`, ` ${VAULT_TOKEN} `],
    close: async () => {
      await proxy.close();
      await vault.stop();
    },
  };
}, ['cut', 'garbage', 'huge', 'redirect', 'silent', 'gone', 403, 404, 429, 500, 503]);

describe('a wrapper of Vault', () => {
  const dataKey = new Uint8Array(randomBytes(32));
  let vault: RunningStore;
  let directory: string;
  let file: string;
  beforeAll(async () => {
    vault = await startVault();
    await makeKey(vault.url);
    directory = await mkdtemp(join(tmpdir(), 'fuin-token-'));
    file = join(directory, 'token');
  });
  afterAll(async () => {
    await vault?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const open = (env: Record<string, string>, key = KEY) =>
    openVaultWrapper(key, { env: { VAULT_ADDR: vault.url, ...env } });

  it('reads the file of its token again at each call', async () => {
    const wrapper = open({ VAULT_TOKEN_FILE: file });
    await writeFile(file, 'wrong');
    expect((await failureOf(wrapper.wrap(dataKey, CONTEXT))).code).toBe('ERR_KEY_SERVICE_REJECTED');
    await writeFile(file, `${VAULT_TOKEN}\n`);
    expect(await wrapper.unwrap(await wrapper.wrap(dataKey, CONTEXT), CONTEXT)).toEqual(dataKey);
    await rm(file);
    expect((await failureOf(wrapper.wrap(dataKey, CONTEXT))).message).toMatch(
      /token file cannot be read: ENOENT$/,
    );
    await wrapper.close();
  });
  it('logs in with the token of its service account, and again before the login expires', async () => {
    const proxy = await startFaultProxy(vault.url);
    await writeFile(file, 'e30.e30.c2ln\n');
    const login = { VAULT_KUBERNETES_ROLE: 'sealed-secrets', VAULT_KUBERNETES_TOKEN_FILE: file };
    const wrapper = openVaultWrapper(KEY, { env: { VAULT_ADDR: proxy.url, ...login } });
    const logins = () => proxy.requests.filter(({ path }) => path === '/v1/auth/kubernetes/login').length;
    const wrapped = await wrapper.wrap(dataKey, CONTEXT);
    expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(dataKey);
    await eventually('another login', async () => {
      expect(await wrapper.unwrap(wrapped, CONTEXT)).toEqual(dataKey);
      return logins() > 1;
    });
    await wrapper.close();
    await proxy.close();
  });
  it('says that a role is not there, or a service account may not use it', async () => {
    await writeFile(file, 'e30.e30.c2ln');
    const other = open({ VAULT_KUBERNETES_ROLE: 'other', VAULT_KUBERNETES_TOKEN_FILE: file });
    expect((await failureOf(other.wrap(dataKey, CONTEXT))).message).toMatch(
      /\(login\): it answered 400 Bad Request$/,
    );
    await writeFile(file, 'no JWT');
    const bad = open({ VAULT_KUBERNETES_ROLE: 'sealed-secrets', VAULT_KUBERNETES_TOKEN_FILE: file });
    expect((await failureOf(bad.wrap(dataKey, CONTEXT))).message).toMatch(
      /\(login\): it answered 403 Forbidden$/,
    );
  });
  it('opens what older versions of the key wrapped, until the key forbids them; rewrapping helps before', async () => {
    const wrapper = open({ VAULT_TOKEN });
    const old = await wrapper.wrap(dataKey, CONTEXT);
    await writeToVault(vault.url, 'POST', 'transit/keys/sealed-secrets/rotate');
    expect(await wrapper.unwrap(old, CONTEXT)).toEqual(dataKey);
    const fresh = await wrapper.rewrap(old, CONTEXT);
    expect(Buffer.from(fresh).toString()).toMatch(/^vault:v2:/);
    await writeToVault(vault.url, 'POST', 'transit/keys/sealed-secrets/config', {
      min_decryption_version: 2,
    });
    expect((await failureOf(wrapper.unwrap(old, CONTEXT))).code).toBe('ERR_KEY_SERVICE_REJECTED');
    expect(await wrapper.unwrap(fresh, CONTEXT)).toEqual(dataKey);
    await wrapper.close();
  });
  it('says that there is no such key, or no such engine', async () => {
    // for encrypting, Vault makes a key that is missing; it cannot be derived without being asked for
    const wrapped = new TextEncoder().encode('vault:v1:AAAA');
    for (const key of ['transit/none', 'nowhere/none']) {
      const failure = await failureOf(open({ VAULT_TOKEN }, key).unwrap(wrapped, CONTEXT));
      expect(failure).toMatchObject({ code: 'ERR_KEY_SERVICE_REJECTED' });
    }
  });
});
