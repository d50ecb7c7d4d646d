import { X509Certificate } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ClusterWorld, startClusterWorld } from '../testing/cluster-world.ts';
import { CERT, vector } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';
import { startProxy } from '../testing/servers/proxy.ts';
import { startSocks5 } from '../testing/servers/socks5.ts';

let world: ClusterWorld;

beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

describe('credentials', () => {
  const token = () => String(parsed().users[0]?.user['token'] ?? '');
  const parsed = () =>
    parse(world.kubeconfig) as {
      users: { user: Record<string, unknown> }[];
      clusters: { cluster: Record<string, unknown> }[];
    };
  /** The kubeconfig with another user and, if given, another authority. */
  const withUser = (user: Record<string, unknown>, authority?: string) => {
    const config = parsed();
    for (const entry of config.users) entry.user = user;
    for (const { cluster: entry } of config.clusters) {
      if (authority !== undefined) entry['certificate-authority-data'] = btoa(authority);
    }
    return JSON.stringify(config);
  };
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin.sh' };
  it('come from a token file beside the kubeconfig', async () => {
    const files = { 'dir/kubeconfig': withUser({ tokenFile: 'my-token' }), 'dir/my-token': `${token()}\n` };
    expect(await runCli({ argv: ['--fetch-cert', '--kubeconfig', 'dir/kubeconfig'], files })).toMatchObject({
      code: 0,
      stdout: CERT,
    });
  });
  it('come from a plugin that gets a description of the cluster', async () => {
    const script = `#!/bin/sh
printf '%s' "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/info.json"
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token()}"}}'
`;
    const user = { exec: { ...exec, interactiveMode: 'Never', provideClusterInfo: true } };
    const result = await world.run(['--fetch-cert'], {
      files: { kubeconfig: withUser(user), 'plugin.sh': script },
      modes: { 'plugin.sh': 0o755 },
    });
    expect(result).toMatchObject({ code: 0, stdout: CERT });
    expect(JSON.parse(result.files['info.json'] ?? '')).toMatchObject({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: { server: world.cluster.server, 'certificate-authority-data': expect.any(String) },
      },
    });
  });
  it('fail without showing what the plugin said', async () => {
    const user = { exec };
    const files = {
      kubeconfig: withUser(user),
      'plugin.sh': '#!/bin/sh\necho hunter2; echo hunter2 >&2; exit 1\n',
    };
    const { code, stderr } = await world.run(['--fetch-cert'], { files, modes: { 'plugin.sh': 0o755 } });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: getting credentials: exec: executable .*plugin.sh failed with exit code 1\n/,
    );
    expect(stderr).not.toContain('hunter2');
  });
  it('come from --token, which beats the kubeconfig', async () => {
    const files = { kubeconfig: withUser({ token: 'wrong' }) };
    expect((await world.run(['--fetch-cert'], { files })).code).toBe(1);
    expect(await world.run(['--fetch-cert', '--token', token()], { files })).toMatchObject({
      code: 0,
      stdout: CERT,
    });
  });
  it('do not help against a server with an unknown certificate', async () => {
    const files = {
      kubeconfig: withUser({ token: token() }, CERT),
    };
    const { code, stderr } = await world.run(['--fetch-cert'], { files });
    expect(code).toBe(1);
    expect(stderr).toContain('its certificate is signed by an unknown authority');
    expect(await world.run(['--fetch-cert', '--insecure-skip-tls-verify'], { files })).toMatchObject({
      code: 0,
      stdout: CERT,
    });
  });
});

describe('a proxy', () => {
  it.each(['--proxy-url', 'proxy-url', 'HTTPS_PROXY'])(
    'given by %s carries the requests to the API server',
    async (way) => {
      const proxy = await startProxy(Number(new URL(world.cluster.server).port));
      const config = parse(world.kubeconfig) as { clusters: { cluster: Record<string, unknown> }[] };
      for (const { cluster } of config.clusters) {
        Object.assign(cluster, way === 'proxy-url' ? { 'proxy-url': proxy.url } : {});
        // this machine is never proxied through the environment: another name for it is
        Object.assign(
          cluster,
          way === 'HTTPS_PROXY'
            ? {
                server: 'https://api.example.com',
                'insecure-skip-tls-verify': true,
                'certificate-authority-data': undefined,
              }
            : {},
        );
      }
      const argv = ['--fetch-cert', ...(way === '--proxy-url' ? [`--proxy-url=${proxy.url}`] : [])];
      const env: Record<string, string> = way === 'HTTPS_PROXY' ? { HTTPS_PROXY: proxy.url } : {};
      const result = await world.run(argv, { files: { kubeconfig: JSON.stringify(config) }, env });
      expect(result).toMatchObject({ code: 0, stdout: CERT });
      expect(proxy.seen.length).toBeGreaterThan(0);
      expect(proxy.seen[0]).toMatch(/^CONNECT /);
      proxy.stop();
    },
  );
});

describe('a SOCKS5 proxy', () => {
  it.each([
    ['--proxy-url', 'socks5', '127.0.0.1'],
    ['HTTPS_PROXY', 'socks5', 'api.example.com'],
    ['HTTPS_PROXY', 'socks5h', 'api.example.com'],
  ])('given by %s as %s:// carries the requests to %s and says nothing', async (way, scheme, host) => {
    const port = new URL(world.cluster.server).port;
    const proxy = await startSocks5(Number(port));
    const url = `${scheme}://${proxy.address}`;
    const argv = ['--fetch-cert', `--server=https://${host}:${port}`, '--tls-server-name=localhost'];
    const result =
      way === 'HTTPS_PROXY'
        ? await world.run(argv, { env: { HTTPS_PROXY: url, NO_PROXY: '10.0.0.0/8' } })
        : await world.run([...argv, `${way}=${url}`]);
    proxy.stop();
    expect(result).toMatchObject({ code: 0, stdout: CERT, stderr: '' });
    expect(new Set(proxy.seen)).toEqual(new Set([`${host}:${port}`]));
  });
  it('carries requests to an address without a name to check', async () => {
    const proxy = await startSocks5(Number(new URL(world.cluster.server).port));
    const result = await world.run(['--fetch-cert', `--proxy-url=socks5://${proxy.address}`]);
    proxy.stop();
    expect(result).toMatchObject({ code: 0, stdout: CERT, stderr: '' });
  });
  it('that is of another kind is refused', async () => {
    const result = await world.run(['--fetch-cert', '--proxy-url=socks4://user:hunter2@127.0.0.1']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('the address of the proxy cannot be used: unsupported scheme "socks4"');
    expect(result.stderr).not.toContain('hunter2');
  });
});

describe('a client certificate', () => {
  it('is shown to the API server', async () => {
    const key = vector('keys/rsa2048-a.pkcs8.pem');
    const cert = vector('x509/rsa-a.crt');
    const fingerprints: string[] = [];
    const server = createServer(
      { key, cert, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        fingerprints.push((request.socket as TLSSocket).getPeerCertificate().fingerprint256);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(
          request.url?.includes('/proxy/')
            ? CERT
            : JSON.stringify({ metadata: { name: 's', namespace: 'n' }, spec: { ports: [{}] } }),
        );
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const argv = [
      '--fetch-cert',
      `--server=https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      '--insecure-skip-tls-verify',
      '--client-certificate=c.crt',
      '--client-key=c.key',
    ];
    expect(await runCli({ argv, files: { 'c.crt': cert, 'c.key': key } })).toMatchObject({
      code: 0,
      stdout: CERT,
    });
    expect(fingerprints).toEqual([
      new X509Certificate(cert).fingerprint256,
      new X509Certificate(cert).fingerprint256,
    ]);
    server.close();
  });
});

describe('KUBECONFIG', () => {
  it('is a list: missing files are skipped and the first to name something wins', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kubeconfig-list-'));
    const context = join(directory, 'context');
    await writeFile(
      context,
      'current-context: nowhere\ncontexts: [{name: nowhere, context: {cluster: none, namespace: first}}]\n',
    );
    const env = {
      KUBECONFIG: [join(directory, 'missing'), world.cluster.adminKubeconfig, context].join(':'),
    };
    expect(await runCli({ argv: ['--fetch-cert'], env })).toMatchObject({ code: 0, stdout: CERT });
    const reversed = { KUBECONFIG: [context, world.cluster.adminKubeconfig].join(':') };
    const { code, stderr } = await runCli({ argv: ['--fetch-cert'], env: reversed });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: cluster "none" does not exist/);
  });
});
