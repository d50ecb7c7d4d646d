import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CERT } from '../../../kubeseal-cli/src/testing/keys.ts';
import { runCli } from '../../../kubeseal-cli/src/testing/run-cli.ts';
import { openKubeconfig } from './kubeconfig.ts';
import type { ClusterAccess } from './server-access.ts';

interface World {
  readonly files?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

async function resolveIn({
  files = {},
  flags = {},
  env = {},
}: World): Promise<ClusterAccess & { directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-kubeconfig-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const inside = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll('@', directory)]),
  );
  return {
    ...(await openKubeconfig({ flags, env: { HOME: directory, ...inside }, cwd: directory }).access()),
    directory,
  };
}

async function resolveNamespaceIn({ files = {}, flags = {} }: World): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-kubeconfig-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return openKubeconfig({ flags, env: { HOME: directory }, cwd: directory }).namespace();
}

const config = (name: string, more = '') => `apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}, namespace: of-${name}}}, {name: plain, context: {cluster: ${name}, user: ${name}}}]
clusters: [{name: ${name}, cluster: {server: "https://${name}", certificate-authority: ca.crt}}]
users: [{name: ${name}, user: {token: token-of-${name}${more}}}]
`;

describe('the access of a kubeconfig', () => {
  it('reads ~/.kube/config', async () => {
    const { contextName, namespace, cluster, user, directory } = await resolveIn({
      files: { '.kube/config': config('home') },
    });
    expect({ contextName, namespace, user }).toEqual({
      contextName: 'home',
      namespace: 'of-home',
      user: { token: 'token-of-home' },
    });
    expect(cluster).toEqual({
      server: 'https://home',
      'certificate-authority': join(directory, '.kube/ca.crt'),
    });
  });
  it('prefers --kubeconfig to KUBECONFIG to the home directory', async () => {
    const files = { '.kube/config': config('home'), listed: config('listed'), given: config('given') };
    expect(await resolveIn({ files, env: { KUBECONFIG: '@/listed' } })).toMatchObject({
      contextName: 'listed',
    });
    const flags = { kubeconfig: 'given' };
    expect(await resolveIn({ files, flags, env: { KUBECONFIG: '@/listed' } })).toMatchObject({
      contextName: 'given',
    });
  });
  it('merges the list of KUBECONFIG: the first to say something wins, missing files are skipped', async () => {
    const files = {
      one: config('same', ', username: first'),
      two: config('same', ', username: second'),
      three: config('third'),
    };
    const access = await resolveIn({
      files,
      flags: { cluster: 'third' },
      env: { KUBECONFIG: '@/missing::@/one:@/two:@/three:@/one' },
    });
    expect(access).toMatchObject({
      contextName: 'same',
      user: { username: 'first' },
      cluster: { server: 'https://third' },
    });
  });
  it('applies the flags that override single fields', async () => {
    const flags = {
      context: 'plain',
      namespace: 'n',
      server: 'https://other',
      token: 't',
      as: 'me',
      'as-group': ['a', 'b'],
      'certificate-authority': '/other.crt',
      'insecure-skip-tls-verify': true,
      'proxy-url': 'http://proxy',
      'tls-server-name': 'name',
    };
    const access = await resolveIn({ files: { '.kube/config': config('home', ', tokenFile: f') }, flags });
    expect(access).toMatchObject({
      contextName: 'plain',
      namespace: 'n',
      cluster: {
        server: 'https://other',
        'certificate-authority': '/other.crt',
        'insecure-skip-tls-verify': true,
        'proxy-url': 'http://proxy',
        'tls-server-name': 'name',
      },
      user: { token: 't', as: 'me', 'as-groups': ['a', 'b'] },
    });
    expect(access.user).not.toHaveProperty('tokenFile');
  });
  it('falls back to the namespace default', async () => {
    expect(
      await resolveIn({ files: { '.kube/config': config('home') }, flags: { context: 'plain' } }),
    ).toMatchObject({ namespace: 'default' });
  });
  it('merges what << brings in', async () => {
    const c = `base: &base {server: https://base, tls-server-name: base}
current-context: c
contexts: [{name: c, context: {cluster: c}}]
clusters: [{name: c, cluster: {<<: *base, tls-server-name: own}}]
`;
    const { cluster } = await resolveIn({ files: { c }, flags: { kubeconfig: 'c' } });
    expect(cluster).toEqual({ server: 'https://base', 'tls-server-name': 'own' });
  });
  it.each([
    ['a CA of the command line', { 'certificate-authority': '/ca' }, { 'certificate-authority': '/ca' }],
    [
      '--insecure-skip-tls-verify',
      { 'insecure-skip-tls-verify': true },
      { 'insecure-skip-tls-verify': true },
    ],
    [
      'both, which are refused later',
      { 'certificate-authority': '/ca', 'insecure-skip-tls-verify': true },
      { 'certificate-authority': '/ca', 'insecure-skip-tls-verify': true },
    ],
  ])('lets %s take the place of all that the kubeconfig says about trust', async (_, flags, trust) => {
    for (const own of [
      'certificate-authority-data: aGk=',
      'certificate-authority: x',
      'insecure-skip-tls-verify: true',
    ]) {
      const c = `current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: https://s, ${own}}}]\n`;
      const { cluster } = await resolveIn({ files: { c }, flags: { kubeconfig: 'c', ...flags } });
      expect(cluster).toEqual({ server: 'https://s', ...trust });
    }
  });
  it('does not hold another server of --server to the name of the first one', async () => {
    const c =
      'current-context: c\ncontexts: [{name: c, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: https://s, tls-server-name: name}}]\n';
    const { cluster } = await resolveIn({ files: { c }, flags: { kubeconfig: 'c', server: 'https://t' } });
    expect(cluster).toEqual({ server: 'https://t' });
  });
  it('needs no file when --server is given, or KUBERNETES_MASTER', async () => {
    expect(await resolveIn({ flags: { server: 'https://s' } })).toMatchObject({
      cluster: { server: 'https://s' },
    });
  });
  it.each([
    ['an unknown context', { flags: { context: 'nope' } }, 'context "nope" does not exist'],
    ['an unknown cluster', { flags: { cluster: 'nope' } }, 'cluster "nope" does not exist'],
    ['an unknown user', { flags: { user: 'nope' } }, 'auth info "nope" does not exist'],
    [
      'a missing file of --kubeconfig',
      { flags: { kubeconfig: 'nope' } },
      'stat nope: no such file or directory',
    ],
    [
      'no configuration at all',
      {},
      'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
    ],
    [
      'a broken file',
      { files: { c: 'token: [hunter2' }, flags: { kubeconfig: 'c' } },
      'error loading config file "c": it is not valid YAML',
    ],
    [
      'a file that is no map',
      { files: { c: 'hunter2' }, flags: { kubeconfig: 'c' } },
      'error loading config file "c": it is not a kubeconfig',
    ],
  ])('refuses %s', async (_title, world: World, message) => {
    await expect(resolveIn(world)).rejects.toMatchObject({ code: 'ERR_USAGE', message });
  });
});

describe('the namespace of a kubeconfig', () => {
  it('needs the context alone: its user and its cluster may be missing', async () => {
    const c =
      'current-context: c\ncontexts: [{name: c, context: {cluster: gone, user: gone, namespace: shop}}, {name: d, context: {}}]\n';
    const flags = { kubeconfig: 'c' };
    expect(await resolveNamespaceIn({ files: { c }, flags })).toBe('shop');
    expect(await resolveNamespaceIn({ files: { c }, flags: { ...flags, context: 'd' } })).toBe('default');
    expect(await resolveNamespaceIn({ files: { c }, flags: { ...flags, namespace: 'n' } })).toBe('n');
    await expect(resolveNamespaceIn({ files: { c }, flags: { ...flags, context: 'e' } })).rejects.toThrow(
      'context "e" does not exist',
    );
  });
  it('is all that sealing with a certificate takes from a kubeconfig', async () => {
    const k =
      'current-context: c\ncontexts: [{name: c, context: {cluster: gone, user: gone, namespace: shop}}]\n';
    const stdin = 'metadata: {name: db}\nstringData: {a: b}\n';
    const argv = ['--cert', 'c', '--kubeconfig', 'k'];
    const { code, stdout } = await runCli({ argv, files: { c: CERT, k }, stdin });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ metadata: { namespace: 'shop' } });
    const raw = await runCli({ argv: [...argv, '--raw', '--name=db'], files: { c: CERT, k }, stdin: 'v' });
    expect(raw.code).toBe(0);
  });
  it('fails where nothing is configured', async () => {
    await expect(resolveNamespaceIn({})).rejects.toThrow('no configuration has been provided');
    expect(await resolveNamespaceIn({ flags: { server: 'https://s' } })).toBe('default');
  });
});
