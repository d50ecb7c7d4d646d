import { generateKeyPairSync, sign } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerCertificate } from '../../../../test/apiserver/src/access/certificate.ts';
import { findServer } from './find-server.ts';

const HOUR_S = 3_600;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A token of the provider, signed as the client checks it. */
function jwt(issuer: string, expiresInS: number, name = 'first'): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'me', aud: 'app', iat: now, exp: now + expiresInS, name };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

interface Provider {
  readonly issuer: string;
  readonly ca: string;
  /** Bodies of the requests for tokens. */
  readonly asked: URLSearchParams[];
  methods: string[] | undefined;
  answer: () => { readonly status: number; readonly body: object };
}

/** An OpenID Connect provider that renews tokens. */
async function startProvider(): Promise<Provider> {
  const { key, certificate } = createServerCertificate(['127.0.0.1']);
  const asked: URLSearchParams[] = [];
  const server = createServer({ key, cert: certificate }, async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const reply = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (request.url === '/token') {
      asked.push(new URLSearchParams(`${text}&authorization=${request.headers.authorization ?? ''}`));
      const { status, body } = provider.answer();
      return reply(status, body);
    }
    if (request.url === '/keys')
      return reply(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }] });
    return reply(200, {
      issuer: provider.issuer,
      token_endpoint: `${provider.issuer}/token`,
      jwks_uri: `${provider.issuer}/keys`,
      token_endpoint_auth_methods_supported: provider.methods,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const provider: Provider = {
    issuer: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: certificate,
    asked,
    methods: undefined,
    answer: () => ({
      status: 200,
      body: {
        access_token: 'a',
        token_type: 'Bearer',
        id_token: jwt(provider.issuer, HOUR_S, 'second'),
        refresh_token: 'refresh-2',
      },
    }),
  };
  return provider;
}

/** A kubeconfig whose second user has an expired token of the provider. */
async function kubeconfigFor({ issuer, ca }: Provider, more: object = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'auth-provider-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const fields = {
    'idp-issuer-url': issuer,
    'idp-certificate-authority-data': Buffer.from(ca).toString('base64'),
    'client-id': 'app',
    'id-token': jwt(issuer, -HOUR_S),
    'refresh-token': 'refresh-1',
    ...more,
  };
  const lines = Object.entries(fields).map(([name, value]) => `          ${name}: ${value} # ${name}`);
  const path = join(directory, 'config');
  await writeFile(
    path,
    `# mine
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://cluster.test"}}]
users:
  - {name: other, user: {token: t}}
  - name: u
    user:
      auth-provider:
        name: oidc
        config:
${lines.join('\n')}
`,
  );
  await chmod(path, 0o640);
  return path;
}

const server = (kubeconfig: string) => findServer({ kubeconfig, env: {} });

describe('an expired token of the oidc provider', () => {
  let provider: Provider;
  const start = async () => {
    provider = await startProvider();
    return kubeconfigFor(provider);
  };

  it('is renewed, once, and the new tokens are stored beside everything else as it was', async () => {
    const path = await start();
    const before = await readFile(path, 'utf8');
    const access = await server(path);
    const [first, second] = await Promise.all([access.authorization(), access.authorization()]);
    const { authorization = '' } = first;
    expect(second).toEqual(first);
    expect(provider.asked.map((body) => [body.get('grant_type'), body.get('refresh_token')])).toEqual([
      ['refresh_token', 'refresh-1'],
    ]);
    const token = String(authorization).replace('Bearer ', '');
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      name: 'second',
    });
    const stored = before
      .replace(/id-token: \S+/, `id-token: ${token}`)
      .replace('refresh-token: refresh-1', 'refresh-token: refresh-2');
    expect(await readFile(path, 'utf8')).toBe(stored);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });
  it('needs no renewal once it was stored', async () => {
    const path = await start();
    await (await server(path)).authorization();
    await (await server(path)).authorization();
    expect(provider.asked).toHaveLength(1);
  });
  it('is renewed with the newest refresh token while the program runs on', async () => {
    const path = await start();
    const valid = provider.answer;
    provider.answer = () => {
      const { status, body } = valid();
      return { status, body: { ...body, id_token: jwt(provider.issuer, 5) } };
    };
    const access = await server(path);
    await access.authorization();
    await access.authorization(true);
    expect(provider.asked.map((body) => body.get('refresh_token'))).toEqual(['refresh-1', 'refresh-2']);
  });
  it('that the provider refuses to renew ends with the code of OAuth alone', async () => {
    const path = await start();
    provider.answer = () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'hunter2 is not known' },
    });
    await expect((await server(path)).authorization()).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'getting credentials: the id-token of the oidc auth provider cannot be renewed: invalid_grant',
      hint: expect.stringContaining('log in again'),
    });
    expect(await readFile(path, 'utf8')).toContain('refresh-1');
  });
  it.each([
    [
      undefined,
      { authorization: `Basic ${Buffer.from('app:hunter2').toString('base64')}`, client_secret: null },
    ],
    [['client_secret_post'], { authorization: '', client_secret: 'hunter2' }],
  ])(
    'is renewed with the secret of the client, for a provider that takes it by %j',
    async (methods, sent) => {
      provider = await startProvider();
      provider.methods = methods;
      const path = await kubeconfigFor(provider, { 'client-secret': 'hunter2' });
      await (await server(path)).authorization();
      const [body] = provider.asked;
      expect({
        authorization: body?.get('authorization'),
        client_secret: body?.get('client_secret'),
      }).toEqual(sent);
    },
  );
  it('is used where the kubeconfig cannot be written, as a mounted Secret', async () => {
    const path = await start();
    await chmod(dirname(path), 0o555);
    onTestFinished(() => chmod(dirname(path), 0o755));
    const access = await server(path);
    expect(await access.authorization()).toEqual(await access.authorization());
    expect(provider.asked).toHaveLength(1);
  });
  it('is stored in a file that still belongs to its owner', async () => {
    const path = await start();
    const [uid, gid] =
      process.getuid?.() === 0 ? [12_345, 23_456] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    await chown(path, uid, gid);
    await (await server(path)).authorization();
    expect(await readFile(path, 'utf8')).toContain('refresh-2');
    expect(await stat(path)).toMatchObject({ uid, gid });
    expect(await readdir(dirname(path))).toEqual(['config']);
  });
  it.each<[string, (text: string) => string]>([
    [
      'has another provider',
      (text) => text.replace(/idp-issuer-url: \S+/, 'idp-issuer-url: https://else.test'),
    ],
    ['has a plugin', (text) => text.replace(/auth-provider:.*/s, 'exec: {command: x}\n')],
    ['is gone', (text) => text.replace('name: u\n', 'name: v\n')],
    ['is in a file that is half written', (text) => text.slice(0, -1).replace('[{', '[{{')],
  ])('is used but not stored if the user %s by then', async (_what, change) => {
    const path = await start();
    const changed = change(await readFile(path, 'utf8'));
    const { answer } = provider;
    provider.answer = () => {
      writeFileSync(path, changed);
      return answer();
    };
    expect(await (await server(path)).authorization()).toHaveProperty('authorization');
    expect(await readFile(path, 'utf8')).toBe(changed);
  });
  it('is used where the kubeconfig is deleted in the meantime', async () => {
    const path = await start();
    const { answer } = provider;
    provider.answer = () => {
      rmSync(path);
      return answer();
    };
    expect(await (await server(path)).authorization()).toHaveProperty('authorization');
    expect(await readdir(dirname(path))).toEqual([]);
  });
  it('is used where the kubeconfig has an alias that cannot be edited', async () => {
    const path = await start();
    const text = (await readFile(path, 'utf8'))
      .replace('  - name: u\n', '  - name: twin\n')
      .replace('config:\n', 'config: &c\n');
    const twins = `${text}  - {name: u, user: {auth-provider: {name: oidc, config: *c}}}\n`;
    await writeFile(path, twins);
    expect(await (await server(path)).authorization()).toHaveProperty('authorization');
    expect(await readFile(path, 'utf8')).toBe(twins);
  });
  it('is not renewed by a provider that is not there', async () => {
    provider = await startProvider();
    const path = await kubeconfigFor({ ...provider, issuer: 'https://127.0.0.1:2' });
    await expect((await server(path)).authorization()).rejects.toThrow('cannot be renewed: ECONNREFUSED');
  });
  it('is not renewed by a provider whose certificate nobody vouches for', async () => {
    provider = await startProvider();
    const path = await kubeconfigFor(provider, { 'idp-certificate-authority-data': '' });
    await expect((await server(path)).authorization()).rejects.toThrow(
      'cannot be renewed: DEPTH_ZERO_SELF_SIGNED_CERT',
    );
    expect(provider.asked).toEqual([]);
  });
  it('is not renewed without what that takes', async () => {
    provider = await startProvider();
    const path = await kubeconfigFor(provider, { 'refresh-token': '' });
    await expect((await server(path)).authorization()).rejects.toThrow(
      /expired at \S+, and cannot be renewed without refresh-token$/,
    );
    expect(provider.asked).toEqual([]);
  });
});
