import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ClusterWorld, startClusterWorld } from './testing/cluster-world.ts';
import { CERT } from './testing/keys.ts';
import { runCli } from './testing/run-cli.ts';

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
  it('come from a plugin that is told about the cluster', async () => {
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
    const files = { kubeconfig: withUser(user), 'plugin.sh': '#!/bin/sh\necho hunter2; echo hunter2 >&2\n' };
    const { code, stderr } = await world.run(['--fetch-cert'], { files, modes: { 'plugin.sh': 0o755 } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: getting credentials: exec plugin .*plugin.sh failed\n/);
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
