import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imported, refused } from '../../../testing/imported.ts';
import { type StoreAnswer, startStore, type TestStore } from '../../../testing/servers/store-server.ts';

let vault: TestStore;
let other: TestStore;
beforeAll(async () => {
  [vault, other] = await Promise.all([startStore(), startStore()]);
});
afterAll(() => {
  vault.stop();
  other.stop();
});
beforeEach(() => {
  vault.seen.length = 0;
  other.seen.length = 0;
});

const mount = (path: string, version: string) => ({ data: { path, type: 'kv', options: { version } } });
const version2 = (data: unknown, metadata: object = {}) => ({
  data: { data, metadata: { created_time: '2026-01-01T00:00:00Z', version: 1, ...metadata } },
});
/** Answers by path; other paths do not exist. */
function serve(answers: Readonly<Record<string, StoreAnswer>>): void {
  vault.answer = ({ url }) => answers[url] ?? { status: 404, body: { errors: [] } };
}
const env = () => ({ VAULT_ADDR: vault.url, VAULT_TOKEN: 's.token' });
const MOUNT = '/v1/sys/internal/ui/mounts/secret/shop/db';

describe('kubeseal import vault:', () => {
  it('reads version 2 of KV at its mount, with token and namespace in headers', async () => {
    serve({
      [MOUNT]: mount('secret/', '2'),
      '/v1/secret/data/shop/db': version2({ user: 'ann', port: 1.0, on: true }),
    });
    const more = { env: { ...env(), VAULT_NAMESPACE: 'team/a' } };
    const { items, stderr } = await imported(['vault:secret/shop/db', 'shop/db'], more);
    expect(items).toEqual({ user: 'ann', port: '1', on: 'true' });
    expect(stderr).toContain(`note: read secret/shop/db of ${vault.url}\n`);
    expect(vault.seen.map(({ headers }) => [headers['x-vault-token'], headers['x-vault-namespace']])).toEqual(
      [
        ['s.token', 'team/a'],
        ['s.token', 'team/a'],
      ],
    );
  });
  it('reads version 1 of KV', async () => {
    serve({ '/v1/sys/internal/ui/mounts/kv/db': mount('kv/', '1'), '/v1/kv/db': { data: { user: 'ann' } } });
    expect((await imported(['vault:kv/db', 'shop/db'], { env: env() })).items).toEqual({ user: 'ann' });
  });
  it('keeps the digits of numbers', async () => {
    const body = '{"data": {"a": 1.0, "b": 12345678901234567890}}';
    serve({ '/v1/sys/internal/ui/mounts/kv/db': mount('kv/', '1'), '/v1/kv/db': body });
    expect((await imported(['vault:kv/db', 'shop/db'], { env: env() })).items).toEqual({
      a: '1.0',
      b: '12345678901234567890',
    });
  });
  it('takes names that JavaScript gives a meaning for what they are', async () => {
    const body = '{"data": {"__proto__": "x", "constructor": "y"}}';
    serve({ '/v1/sys/internal/ui/mounts/kv/db': mount('kv/', '1'), '/v1/kv/db': body });
    const { items } = await imported(['vault:kv/db', 'shop/db'], { env: env() });
    expect(Object.entries(items)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
  it('reads the path of the API where the token may not ask for the mount', async () => {
    serve({ '/v1/secret/data/shop/db': version2({ user: 'ann' }) });
    expect((await imported(['vault:secret/data/shop/db', 'shop/db'], { env: env() })).items).toEqual({
      user: 'ann',
    });
  });
  it('reads an older version', async () => {
    serve({ [MOUNT]: mount('secret/', '2'), '/v1/secret/data/shop/db?version=3': version2({ user: 'old' }) });
    expect((await imported(['vault:secret/shop/db?version=3', 'shop/db'], { env: env() })).items).toEqual({
      user: 'old',
    });
  });
  it('takes the token that vault login keeps', async () => {
    serve({ [MOUNT]: mount('secret/', '2'), '/v1/secret/data/shop/db': version2({ user: 'ann' }) });
    const files = { 'home/.vault-token': 'kept\n' };
    await imported(['vault:secret/shop/db', 'shop/db'], { env: { VAULT_ADDR: vault.url }, files });
    expect(vault.seen[0]?.headers['x-vault-token']).toBe('kept');
  });
  it('leaves alone what is not asked for, whatever it is', async () => {
    serve({
      [MOUNT]: mount('secret/', '2'),
      '/v1/secret/data/shop/db': version2({ user: 'ann', deep: { a: 1 }, 'a b': 'x' }),
    });
    const { items } = await imported(
      ['vault:secret/shop/db', 'shop/db', '--item', 'user', '--item', 'ab=a b'],
      { env: env() },
    );
    expect(items).toEqual({ user: 'ann', ab: 'x' });
  });
  it.each<[string, StoreAnswer, string]>([
    [
      'nested values',
      version2({ a: { b: 'hunter2' } }),
      'item a of secret/shop/db of VAULT is not a string, number or boolean',
    ],
    [
      'names that Kubernetes refuses',
      version2({ 'a\u001b[31m': 'hunter2' }),
      'the name of the item "a\\u001b[31m" of secret/shop/db of VAULT is refused by Kubernetes',
    ],
    [
      'a deleted version',
      { status: 404, body: version2(null) },
      'cannot read secret/shop/db of VAULT: this version was deleted',
    ],
    [
      'a destroyed version',
      { status: 404, body: version2(null, { destroyed: true }) },
      'cannot read secret/shop/db of VAULT: this version was destroyed',
    ],
    [
      'missing rights',
      { status: 403, body: { errors: ['hunter2'] } },
      'cannot read secret/shop/db of VAULT: the server answered 403 Forbidden',
    ],
    ['an answer that is not JSON', 'hunter2', 'cannot read secret/shop/db of VAULT: the answer is not JSON'],
    ['too much', 'x'.repeat(17 * 1024 * 1024), 'the answer is too large'],
    ['no items', version2({}), 'there is no item to import'],
  ])('refuses %s, and quotes nothing of the answer', async (_, answer, error) => {
    serve({ [MOUNT]: mount('secret/', '2'), '/v1/secret/data/shop/db': answer });
    const result = await refused(['vault:secret/shop/db', 'shop/db'], { env: env() });
    expect({ ...result, error: result.error.replace(vault.url, 'VAULT') }).toMatchObject({ code: 1, error });
    expect(result.error + result.hints).not.toContain('hunter2');
  });
  it('follows no redirect, so the token reaches no other server', async () => {
    vault.answer = () => ({ status: 307, headers: { location: `${other.url}/v1/secret/data/shop/db` } });
    expect(await refused(['vault:secret/shop/db', 'shop/db'], { env: env() })).toMatchObject({
      code: 1,
      error: `${vault.url} redirects to ${other.url}, where no token is sent`,
    });
    expect(other.seen).toEqual([]);
  });
  it.each([
    [{ VAULT_TOKEN: 't' }, 'VAULT_ADDR is not set'],
    [
      { VAULT_ADDR: 'http://vault.example', VAULT_TOKEN: 't' },
      'VAULT_ADDR is plain http, which shows tokens and values to the network',
    ],
    [{ VAULT_ADDR: 'https://a:hunter2@vault.example', VAULT_TOKEN: 't' }, 'VAULT_ADDR holds a password'],
    [{ VAULT_ADDR: 'file:///etc', VAULT_TOKEN: 't' }, 'VAULT_ADDR is not the address of a server'],
    [{ VAULT_ADDR: 'https://vault.example' }, 'there is no token for Vault'],
    [{ VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: 'a\nb' }, 'VAULT_TOKEN gives no token'],
  ])('refuses the environment %j', async (variables, error) => {
    const result = await refused(['vault:secret/shop/db', 'shop/db'], { env: variables });
    expect(result).toMatchObject({ code: 1, error });
    expect(result.hints).not.toContain('hunter2');
  });
  it('trusts the authority of VAULT_CACERT only', async () => {
    const secure = await startStore(true);
    try {
      secure.answer = ({ url }) => (url === MOUNT ? mount('secret/', '2') : version2({ user: 'ann' }));
      const address = `https://127.0.0.1:${secure.port}`;
      const own = { VAULT_ADDR: address, VAULT_TOKEN: 't', VAULT_TLS_SERVER_NAME: 'a.vault.azure.net' };
      const { vector } = await import('../../../testing/keys.ts');
      const files = { 'ca.pem': vector('chain/clouds.crt') };
      expect(
        (
          await imported(['vault:secret/shop/db', 'shop/db'], {
            env: { ...own, VAULT_CACERT: 'ca.pem' },
            files,
          })
        ).items,
      ).toEqual({ user: 'ann' });
      expect((await refused(['vault:secret/shop/db', 'shop/db'], { env: own })).error).toContain(
        'unknown authority',
      );
    } finally {
      secure.stop();
    }
  });
});
