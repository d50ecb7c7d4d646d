import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildExecutable } from '../../../scripts/executable/executable.ts';
import { startClusterWorld } from './testing/cluster-world.ts';
import { CERT, KEY } from './testing/keys.ts';
import { VERSION } from './version.ts';

const SECRET = 'metadata: {name: a, namespace: blue}\nstringData: {password: hunter2}\n';
const SEAL = ['--cert', 'cert.pem', '-f', 'secret.yaml'];

/** Writes at the exit which modules of Node the program has loaded. */
const REPORT = `const before = new Set(process.moduleLoadList);
process.on('exit', () => {
  const loaded = process.moduleLoadList.filter((name) => !before.has(name));
  require('node:fs').writeFileSync(__filename + '.json', JSON.stringify(loaded));
});`;

/**
 * Builds the program as one file into a directory with nothing else of ours in it: what it needs it must
 * hold.
 */
describe('the single executable', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubeseal-executable-test-'));
    // a fresh checkout has no such folder
    await buildExecutable('kubeseal', { output: join(directory, 'dist', 'kubeseal') });
    const files = { 'cert.pem': CERT, 'key.pem': KEY, 'secret.yaml': SECRET };
    for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const run = (...argv: readonly string[]) =>
    promisify(execFile)(join(directory, 'dist', 'kubeseal'), argv, {
      cwd: directory,
      env: { HOME: directory },
    });
  const unseal = async (name: string) => {
    const key = ['--recovery-unseal', '--recovery-private-key', 'key.pem', '-oyaml'];
    return parse((await run(...key, '-f', name)).stdout) as { data: Record<string, string> };
  };

  it('says its version', async () => {
    expect(await run('--version')).toEqual({ stdout: `kubeseal version: ${VERSION}\n`, stderr: '' });
  });
  it('seals offline and opens what it sealed', async () => {
    await run(...SEAL, '-w', 'sealed.yaml');
    expect((await unseal('sealed.yaml')).data).toEqual({ password: btoa('hunter2') });
    expect((await readdir(directory, { recursive: true })).sort()).toEqual(
      // it left nothing beside it
      ['cert.pem', 'dist', 'dist/kubeseal', 'key.pem', 'sealed.yaml', 'secret.yaml'],
    );
  });
  it('obeys nothing that stands in a file of values', async () => {
    await writeFile(join(directory, 'trap.cjs'), "require('node:fs').writeFileSync('obeyed', '')");
    await writeFile(join(directory, 'values'), 'NODE_OPTIONS=--require ./trap.cjs\n');
    const create = ['create', 'shop/db', '--dry-run'];
    for (const flag of ['--from-env-file', '--env-file'])
      expect((await run(...create, flag, 'values')).stdout).toContain('"NODE_OPTIONS": "<sealed>"');
    await expect(run(...create, '--env-file', 'none')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: open none: no such file or directory'),
    });
    const left = await readdir(directory);
    for (const name of ['trap.cjs', 'values']) await rm(join(directory, name));
    expect(left).not.toContain('obeyed');
  });
  it.each([
    ['seals', '-f secret.yaml -w new.yaml'],
    ['sets a value', 'set new.yaml password=another'],
  ])('%s without what Node takes longest to load', async (_, line) => {
    const report = join(directory, 'report.cjs');
    await writeFile(report, REPORT);
    const env = { HOME: directory, NODE_OPTIONS: `--require=${report}` };
    const argv = [...line.split(' '), '--cert', 'cert.pem'];
    await promisify(execFile)(join(directory, 'dist', 'kubeseal'), argv, { cwd: directory, env });
    const loaded = JSON.parse(await readFile(`${report}.json`, 'utf8')) as string[];
    expect(loaded).toContain('NativeModule internal/crypto/webcrypto'); // which loads half of what there is
    const slow =
      /^NativeModule (crypto|child_process|net|tty|readline|fs\/promises|timers\/promises|http|module)$/;
    expect(loaded.filter((name) => slow.test(name))).toEqual([]);
  });
  it('renders templates without any file beside it', async () => {
    await run(...SEAL, '-w', 'template.yaml');
    const file = join(directory, 'template.yaml');
    const template = '  template:\n    data: {url: "https://{{ .password | upper }}@db"}\n';
    await writeFile(file, (await readFile(file, 'utf8')).replace('  template:\n', template));
    expect((await unseal('template.yaml')).data['url']).toBe(btoa('https://HUNTER2@db'));
  });
  it('fails as the program does', async () => {
    await expect(run('--cert', 'nope.pem', '-f', 'secret.yaml')).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('error: open nope.pem: no such file or directory'),
    });
  });
  it('reaches the cluster with a credential plugin: the client is the largest of what it loads lazily', async () => {
    const world = await startClusterWorld();
    try {
      const config = parse(world.kubeconfig) as { users: { user: Record<string, unknown> }[] };
      const token = String(config.users[0]?.user['token']);
      const status = `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}`;
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        interactiveMode: 'Never',
        command: '/bin/echo',
        args: [status],
      };
      for (const entry of config.users) entry.user = { exec };
      await writeFile(join(directory, 'kubeconfig'), JSON.stringify(config));
      expect((await run('--fetch-cert', '--kubeconfig', 'kubeconfig')).stdout).toBe(CERT);
    } finally {
      await world.stop();
    }
  });
});
