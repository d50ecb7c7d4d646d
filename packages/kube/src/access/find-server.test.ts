import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { findServer } from './find-server.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'auth-'));
  onTestFinished(() => rm(directory, { recursive: true }));
});

async function file(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
}

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly name?: string;
}

/** A kubeconfig whose context, cluster and user share one name. */
function kubeconfig({ cluster = {}, user = {}, name = 'main' }: Parts): string {
  return stringify(
    {
      clusters: [{ name, cluster: { server: 'https://cluster.test:6443/', ...cluster } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: 'team' } }],
      'current-context': name,
    },
    { version: '1.1' },
  ); // as kubectl reads it: y is true, "y" is not
}

async function load(parts: Parts) {
  return findServer({ kubeconfig: await file('config', kubeconfig(parts)), env: {} });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('findServer in a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  it('uses the service account, and its token anew after a 401', async () => {
    const token = await file('token', 'first\n');
    await file('ca.crt', 'CA');
    await file('namespace', 'kube-system\n');
    const connection = await findServer({ env, serviceAccountDir: directory });
    expect(connection).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'kube-system',
    });
    const tls = await connection.tls();
    expect(tls).toEqual({ ca: 'CA' });
    expect(await connection.tls()).toBe(tls);
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer first' });
    await writeFile(token, 'second');
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer first' });
    expect(await connection.authorization(true)).toEqual({ authorization: 'Bearer second' });
  });

  it('says that the token is missing', async () => {
    const loading = findServer({ env, serviceAccountDir: directory });
    await expect(loading).rejects.toMatchObject({
      code: 'ERR_USAGE',
      hint: expect.stringContaining('automount'),
    });
  });

  it('says so when there is nothing to go by', async () => {
    const loading = findServer({ env: { HOME: directory } });
    await expect(loading).rejects.toMatchObject({
      code: 'ERR_USAGE',
      hint: expect.stringContaining('KUBECONFIG'),
    });
  });

  it('prefers a kubeconfig that was given to the service account', async () => {
    await file('token', 't');
    const path = await file('config', kubeconfig({}));
    const source = { env: { ...env, KUBECONFIG: path }, serviceAccountDir: directory };
    expect(await findServer(source)).toMatchObject({
      server: 'https://cluster.test:6443',
    });
  });
});

describe('findServer with a kubeconfig', () => {
  it('takes server, namespace, CA and client certificate', async () => {
    const connection = await load({
      cluster: { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'other.test' },
      user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
    });
    expect(connection).toMatchObject({ server: 'https://cluster.test:6443', namespace: 'team' });
    expect(await connection.tls()).toEqual({ ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'other.test' });
    expect(await connection.authorization()).toEqual({});
  });

  it('finds files beside the kubeconfig and notices when they are replaced', async () => {
    const ca = await file('pki/ca.pem', 'OLD');
    const token = await file('token', 'a');
    const connection = await load({
      cluster: { 'certificate-authority': 'pki/ca.pem' },
      user: { tokenFile: 'token' },
    });
    const before = await connection.tls();
    expect([before, await connection.tls()]).toEqual([{ ca: 'OLD' }, { ca: 'OLD' }]);
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer a' });
    await writeFile(ca, 'NEW');
    await writeFile(token, 'b');
    expect(await connection.tls()).toEqual({ ca: 'NEW' });
    expect(await connection.authorization(true)).toEqual({ authorization: 'Bearer b' });
  });

  it.each([
    ['a token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['a password', { username: 'u', password: 'p' }, { authorization: `Basic ${base64('u:p')}` }],
    [
      'an impersonation',
      { token: 't', as: 'eve', 'as-groups': ['x', 'y'] },
      {
        authorization: 'Bearer t',
        'impersonate-user': 'eve',
        'impersonate-group': ['x', 'y'],
      },
    ],
    [
      'an impersonation with all that belongs to it',
      { as: 'eve', 'as-uid': '7', 'as-user-extra': { 'acme.com/x': ['a', 'b'] } },
      { 'impersonate-user': 'eve', 'impersonate-uid': '7', 'impersonate-extra-acme.com%2Fx': ['a', 'b'] },
    ],
  ])('authenticates by %s', async (_how, user, headers) => {
    expect(await (await load({ user })).authorization()).toEqual(headers);
  });

  it.each([
    ['a token', { token: 'secret' }],
    ['a token file', { tokenFile: '/nowhere/token' }],
    ['a password', { username: 'u', password: 'secret' }],
    ['a certificate', { 'client-certificate': '/nowhere/crt', 'client-key': '/nowhere/key' }],
    ['a plugin', { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/plugin' } }],
    ['a provider', { 'auth-provider': { name: 'gcp' } }],
  ])('neither reads nor sends %s over plain http', async (_what, user) => {
    for (const server of ['http://cluster.test:8080', 'HTTP://cluster.test:8080', 'cluster.test:8080']) {
      const connection = await load({ cluster: { server }, user: { ...user, as: 'somebody' } });
      expect(connection.server).toBe('http://cluster.test:8080');
      for (const wasRefused of [false, true]) {
        expect(await connection.authorization(wasRefused)).toEqual({ 'impersonate-user': 'somebody' });
      }
      expect(await connection.tls()).toEqual({});
    }
  });
  it.each([
    { server: 'HTTPS://cluster.test:6443' },
    { server: 'cluster.test:6443', 'certificate-authority-data': base64('CA') },
    { server: 'cluster.test:6443', 'insecure-skip-tls-verify': true },
  ])('sends them over TLS: $server', async (cluster) => {
    const connection = await load({ cluster, user: { token: 'secret' } });
    expect(connection.server).toBe('https://cluster.test:6443');
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer secret' });
  });
  it('skips verification only on request', async () => {
    const cluster = { 'insecure-skip-tls-verify': true, 'proxy-url': 'http://proxy.test:3128' };
    const connection = await load({ cluster });
    expect(await connection.tls()).toEqual({ rejectUnauthorized: false });
    expect(connection.proxyUrl).toBe('http://proxy.test:3128');
  });

  it('runs an exec plugin, keeps what it says, and runs it again after a 401', async () => {
    const script = `
      const fs = require('node:fs');
      fs.appendFileSync(process.argv[1], 'x');
      const count = fs.readFileSync(process.argv[1], 'utf8').length;
      const { apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      const status = { token: process.env.PREFIX + count, clientCertificateData: 'CERT', clientKeyData: 'KEY' };
      console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status }));`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script, join(directory, 'calls')],
      env: [{ name: 'PREFIX', value: 'token-' }],
    };
    const connection = await load({ user: { exec } });
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer token-1' });
    expect(await connection.tls()).toEqual({ cert: 'CERT', key: 'KEY' });
    expect(await connection.authorization(true)).toEqual({ authorization: 'Bearer token-2' });
  });

  it.each([
    ['a token', { token: 'own' }, { authorization: 'Bearer own' }],
    ['a password', { username: 'u', password: 'p' }, { authorization: `Basic ${base64('u:p')}` }],
    ['a certificate', { 'client-certificate-data': base64('C'), 'client-key-data': base64('K') }, {}],
  ])('does not run an exec plugin where the user has %s', async (_, own, headers) => {
    const exec = { command: '/nowhere/plugin', apiVersion: 'client.authentication.k8s.io/v1' };
    const connection = await load({ user: { exec, ...own } });
    expect(await connection.authorization()).toEqual(headers);
    expect((await connection.tls()).cert).toBe('client-certificate-data' in own ? 'C' : undefined);
  });

  it('merges what << brings in', async () => {
    const text = kubeconfig({ user: {} }).replace('user: {}', 'user: {<<: {token: t}}');
    const connection = await findServer({ kubeconfig: await file('config', text), env: {} });
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer t' });
  });

  it.each([
    ['token', { user: { token: 12_345 } }, 'users[0].user.token is a number, not a string'],
    [
      'password',
      { user: { username: 'u', password: 1 } },
      'users[0].user.password is a number, not a string',
    ],
    ['group', { user: { as: 'a', 'as-groups': 'b' } }, 'users[0].user.as-groups is a string, not a list'],
    [
      'switch',
      { cluster: { 'insecure-skip-tls-verify': 'true' } },
      'clusters[0].cluster.insecure-skip-tls-verify is a string, not true or false',
    ],
  ])('refuses a %s that would be passed over', async (_, parts, reason) => {
    await expect(load(parts)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: `error loading config file "${join(directory, 'config')}": ${reason}`,
    });
  });

  it('refuses a CA beside a switch that makes it void', async () => {
    const cluster = { 'insecure-skip-tls-verify': true, 'certificate-authority': 'ca' };
    await expect(load({ cluster })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'specifying a root certificates file with the insecure flag is not allowed',
    });
  });

  it('does not run an exec plugin for each request when the clock is ahead of what it says', async () => {
    const script = `
      require('node:fs').appendFileSync(process.argv[1], 'x');
      const status = { token: 't', expirationTimestamp: '2001-01-01T00:00:00Z' };
      const apiVersion = 'client.authentication.k8s.io/v1';
      console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status }));`;
    const calls = join(directory, 'late-calls');
    const apiVersion = 'client.authentication.k8s.io/v1';
    const exec = { apiVersion, command: process.execPath, args: ['-e', script, calls] };
    const connection = await load({ user: { exec } });
    await Promise.all([connection.authorization(), connection.authorization()]);
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer t' });
    expect(await readFile(calls, 'utf8')).toBe('x');
    await connection.authorization(true);
    expect(await readFile(calls, 'utf8')).toBe('xx');
  });

  it('merges a list of files: the first mention of a name wins, missing files are skipped', async () => {
    const first = await file('one', kubeconfig({ user: { token: 'first' } }));
    const second = await file('two', kubeconfig({ user: { token: 'second' } }));
    const env = { KUBECONFIG: ['/nowhere/config', first, second].join(':') };
    const connection = await findServer({ env });
    expect(await connection.authorization()).toEqual({ authorization: 'Bearer first' });
  });

  it.each([
    ['a missing file', undefined, (path: string) => `stat ${path}: no such file or directory`],
    [
      'broken YAML',
      'users: [{token: s3cret',
      (path: string) => `error loading config file "${path}": it is not valid YAML`,
    ],
    ['no context', '{}', () => expect.stringContaining('no configuration has been provided')],
    ['an unknown context', 'current-context: x', () => 'context "x" does not exist'],
  ])('says what is wrong with %s, without its content', async (_what, text, message) => {
    const path = text === undefined ? '/nowhere/config' : await file('config', text);
    const loading = findServer({ kubeconfig: path, env: {} });
    await expect(loading).rejects.toMatchObject({ code: 'ERR_USAGE', message: message(path) });
    await expect(loading).rejects.not.toMatchObject({ hint: expect.stringContaining('s3cret') });
  });
});
