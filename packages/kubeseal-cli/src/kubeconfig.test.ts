import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClusterAccess } from './cluster-access.ts';
import { readCredentials } from './credentials.ts';
import { resolveAccess } from './kubeconfig.ts';

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
    ...(await resolveAccess({ flags, env: { HOME: directory, ...inside }, cwd: directory })),
    directory,
  };
}

const config = (name: string, more = '') => `apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}, namespace: of-${name}}}, {name: plain, context: {cluster: ${name}, user: ${name}}}]
clusters: [{name: ${name}, cluster: {server: "https://${name}", certificate-authority: ca.crt}}]
users: [{name: ${name}, user: {token: token-of-${name}${more}}}]
`;

describe('resolveAccess', () => {
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

describe('readCredentials', () => {
  const access = (cluster: object, user: object): ClusterAccess => ({
    contextName: 'c',
    namespace: 'n',
    cluster: { server: 'https://s', ...cluster },
    user: { ...user },
  });
  it('prefers inline certificates to files', async () => {
    const cluster = {
      'certificate-authority-data': btoa('CA'),
      'certificate-authority': '/nope',
      'tls-server-name': 'name',
    };
    const user = { 'client-certificate-data': btoa('CERT'), 'client-key-data': btoa('KEY') };
    const { tls, headers } = await readCredentials(access(cluster, user));
    expect(tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      servername: 'name',
      rejectUnauthorized: true,
    });
    expect(headers).toEqual({});
  });
  it('sends passwords and whom to impersonate', async () => {
    const { headers } = await readCredentials(
      access({}, { username: 'u', password: 'p', as: 'me', 'as-uid': '7', 'as-groups': ['a', 'b'] }),
    );
    expect(headers).toEqual({
      authorization: `Basic ${btoa('u:p')}`,
      'impersonate-user': 'me',
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b'],
    });
  });
  it('says which file it cannot read', async () => {
    await expect(readCredentials(access({ 'certificate-authority': '/nope' }, {}))).rejects.toMatchObject({
      message: 'unable to read certificate-authority /nope: no such file or directory',
    });
  });
});
