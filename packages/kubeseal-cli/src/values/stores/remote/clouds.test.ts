import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startFakeGoogle } from '../../../../../cloud/src/testing/fake-google.ts';
import { imported, refused } from '../../../testing/imported.ts';
import { vector } from '../../../testing/keys.ts';
import { startProxy, type TestProxy } from '../../../testing/servers/proxy.ts';
import { startStore, type TestStore } from '../../../testing/servers/store-server.ts';

/** Both clouds are fakes that follow the published API references: there is no emulator of them. */
let cloud: TestStore;
let proxy: TestProxy;
beforeAll(async () => {
  cloud = await startStore(true);
  proxy = await startProxy(cloud.port);
});
afterAll(() => {
  proxy.stop();
  cloud.stop();
});
beforeEach(() => {
  cloud.seen.length = 0;
  proxy.seen.length = 0;
});

const files = { 'ca.pem': vector('chain/clouds.crt') };
const CA = new URL('../../../../../../test/vectors/chain/clouds.crt', import.meta.url).pathname;
const env = (more: Record<string, string>) => ({
  HTTPS_PROXY: proxy.url,
  SSL_CERT_FILE: CA,
  SSL_CERT_DIR: '/nowhere',
  ...more,
});
const gcp = 'gcp-sm:projects/shop-1/secrets/db';

describe('kubeseal import gcp-sm:', () => {
  const data = Buffer.from('{"user":"ann"}').toString('base64');
  beforeEach(() => {
    cloud.answer = () => ({ name: 'projects/1/secrets/db/versions/7', payload: { data } });
  });

  it('reads the newest version with a token of the environment, as one item', async () => {
    const { items } = await imported([gcp, 'shop/db'], {
      env: env({ GOOGLE_OAUTH_ACCESS_TOKEN: 'ya29' }),
      files,
    });
    expect(items).toEqual({ db: '{"user":"ann"}' });
    expect(cloud.seen).toMatchObject([
      {
        method: 'GET',
        url: '/v1/projects/shop-1/secrets/db/versions/latest:access',
        headers: { authorization: 'Bearer ya29' },
      },
    ]);
    expect(proxy.seen).toEqual(['CONNECT secretmanager.googleapis.com:443 HTTP/1.1']);
  });
  it('reads another version with a token of gcloud, as items', async () => {
    const programs = { gcloud: '[ "$*" = "auth print-access-token" ] && echo ya29.b' };
    const { items } = await imported([`${gcp}/versions/3`, 'shop/db', '--split-json=always'], {
      env: env({}),
      files,
      programs,
    });
    expect(items).toEqual({ user: 'ann' });
    expect(cloud.seen[0]).toMatchObject({
      url: '/v1/projects/shop-1/secrets/db/versions/3:access',
      headers: { authorization: 'Bearer ya29.b' },
    });
  });
  it.each([
    [
      403,
      'cannot read projects/shop-1/secrets/db/versions/latest of Google Secret Manager: the server answered 403 Forbidden',
    ],
    [
      200,
      'cannot read projects/shop-1/secrets/db/versions/latest of Google Secret Manager: the answer holds no value',
    ],
  ])('quotes nothing of an answer with status %i that has no value', async (status, error) => {
    cloud.answer = () => ({ status, body: { error: { message: 'hunter2' } } });
    const result = await refused([gcp, 'shop/db'], { env: env({ GOOGLE_OAUTH_ACCESS_TOKEN: 't' }), files });
    expect(result).toMatchObject({ code: 1, error });
    expect(result.hints).not.toContain('hunter2');
  });
  it('takes the login of a credential file, and says why there is no token', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fuin-google-'));
    const google = await startFakeGoogle();
    const [token, config] = [join(directory, 'token'), join(directory, 'credentials.json')];
    const source = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/k8s',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${google.url}/v1/token`,
      credential_source: { file: token },
    };
    await writeFile(config, JSON.stringify(source));
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', config); // Google's library reads the environment itself
    const options = { env: env({ GOOGLE_APPLICATION_CREDENTIALS: config }), files };
    await writeFile(token, google.subjectToken);
    expect((await imported([gcp, 'shop/db'], options)).items).toEqual({ db: '{"user":"ann"}' });
    const [issued] = [...google.tokens];
    expect(cloud.seen[0]).toMatchObject({ headers: { authorization: `Bearer ${issued}` } });
    await writeFile(token, 'another');
    expect(await refused([gcp, 'shop/db'], options)).toMatchObject({
      error:
        'there is no token for Google Secret Manager: of Google (credentials): it answered invalid_grant',
      hints: expect.stringContaining('the clock of this machine'),
    });
    vi.unstubAllEnvs();
    await google.close();
    await rm(directory, { recursive: true });
  });
  it('explains where no token comes from', async () => {
    const missing = await refused([gcp, 'shop/db'], { env: env({ PATH: '/nowhere' }), files });
    expect(missing).toMatchObject({
      error: 'gcloud is not installed',
      hints: expect.stringContaining('GOOGLE_OAUTH_ACCESS_TOKEN'),
    });
    const broken = await refused([gcp, 'shop/db'], {
      env: env({}),
      files,
      programs: { gcloud: 'echo "a b"' },
    });
    expect(broken.error).toBe('gcloud gives no token');
    expect(cloud.seen).toEqual([]);
  });
});

describe('kubeseal import azure-kv:', () => {
  beforeEach(() => {
    cloud.answer = () => ({ value: 's3cret', id: 'https://shop.vault.azure.net/secrets/db-password/1' });
  });

  it('reads the current version with a token of the environment', async () => {
    const { items } = await imported(['azure-kv:shop/db-password', 'shop/db'], {
      env: env({ AZURE_ACCESS_TOKEN: 'eyJ' }),
      files,
    });
    expect(items).toEqual({ 'db-password': 's3cret' });
    expect(cloud.seen).toMatchObject([
      { url: '/secrets/db-password?api-version=7.4', headers: { authorization: 'Bearer eyJ' } },
    ]);
    expect(proxy.seen).toEqual(['CONNECT shop.vault.azure.net:443 HTTP/1.1']);
  });
  it('reads another version in a national cloud with a token of az for it', async () => {
    const programs = {
      az: `[ "$*" = "account get-access-token --resource https://vault.azure.cn --output json" ] && echo '{"accessToken":"eyJ.b"}'`,
    };
    await imported(['azure-kv:shop.vault.azure.cn/db/abc123', 'shop/db', '--item', 'password=db'], {
      env: env({}),
      files,
      programs,
    });
    expect(cloud.seen).toMatchObject([
      { url: '/secrets/db/abc123?api-version=7.4', headers: { authorization: 'Bearer eyJ.b' } },
    ]);
    expect(proxy.seen).toEqual(['CONNECT shop.vault.azure.cn:443 HTTP/1.1']);
  });
  it('logs in with the token of a service account or a secret, and says why there is no token', async () => {
    const authority = 'https://shop.vault.azure.cn'; // a name that the certificate has
    const endpoints = {
      issuer: `${authority}/t/v2.0`,
      authorization_endpoint: `${authority}/t/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/t/oauth2/v2.0/token`,
      jwks_uri: `${authority}/t/discovery/v2.0/keys`,
    };
    cloud.answer = ({ url }) => {
      if (url.includes('openid-configuration')) return endpoints;
      if (!url.includes('/oauth2/')) return { value: 's3cret' };
      return { token_type: 'Bearer', expires_in: 3600, access_token: 'eyJ.login' };
    };
    const login = {
      AZURE_CLIENT_ID: 'c',
      AZURE_TENANT_ID: 't',
      AZURE_CLIENT_SECRET: 'hunter2',
      AZURE_AUTHORITY_HOST: authority,
    };
    const options = { env: env(login), files };
    await imported(['azure-kv:shop/db', 'shop/db'], options);
    expect(cloud.seen.at(-1)).toMatchObject({ headers: { authorization: 'Bearer eyJ.login' } });
    expect([...new Set(proxy.seen)]).toEqual([
      'CONNECT shop.vault.azure.cn:443 HTTP/1.1',
      'CONNECT shop.vault.azure.net:443 HTTP/1.1',
    ]);
    const refusal = { error: 'invalid_client', error_description: 'hunter2' };
    cloud.answer = ({ url }) =>
      url.includes('openid-configuration') ? endpoints : { status: 401, body: refusal };
    const result = await refused(['azure-kv:shop/db', 'shop/db'], options);
    expect(result.error).toMatch(
      /^there is no token for shop.vault.azure.net: .* it answered invalid_client$/,
    );
    expect(`${result.error} ${result.hints}`).not.toContain('hunter2');
  });
  it('explains missing rights', async () => {
    cloud.answer = () => ({ status: 403, body: 'hunter2' });
    const result = await refused(['azure-kv:shop/db', 'shop/db'], {
      env: env({ AZURE_ACCESS_TOKEN: 't' }),
      files,
    });
    expect(result).toMatchObject({
      error: 'cannot read db of Key Vault shop.vault.azure.net: the server answered 403 Forbidden',
      hints: expect.stringContaining('Key Vault Secrets User'),
    });
  });
});
