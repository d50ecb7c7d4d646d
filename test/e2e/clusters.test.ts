import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { World } from '../support/world.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const OWN_NAMESPACE = ['--all-namespaces=false'];
let one: World;
let two: World;
let repository: string;

/** Two controllers with keys of their own stand for two clusters, and a repository that knows both. */
beforeAll(async () => {
  const options = { isExposed: true, args: OWN_NAMESPACE };
  one = await World.running(await startCluster(), { ...options, key: await testKey('a', 10) });
  two = await one.beside({ ...options, key: await testKey('b', 10) });
  await two.start();
  repository = await mkdtemp(join(tmpdir(), 'fuin-clusters-'));
  await mkdir(join(repository, '.git'));
  const context = await currentContext();
  const cluster = ({ home }: World, name: string) =>
    `  ${name}: {context: ${context}, controllerNamespace: ${home}, certificate: ${name}/cert.pem, fingerprint: SHA256:${'A'.repeat(43)}}\n`;
  const rule = ({ home }: World, name: string) =>
    `  - {paths: ["${name}/**"], cluster: ${name}, namespace: ${home}}\n`;
  await writeFile(
    join(repository, '.kubeseal.yaml'),
    `clusters:\n${cluster(one, 'one')}${cluster(two, 'two')}rules:\n${rule(one, 'one')}${rule(two, 'two')}`,
  );
});
afterAll(async () => {
  await one?.close();
  await rm(repository, { recursive: true, force: true });
});

async function currentContext(): Promise<string> {
  const { stdout } = await kubeconfig();
  return /"?current-context"?: "?([^",\n]+)/.exec(stdout)?.[1] ?? '';
}

const kubeconfig = async () => ({ stdout: await readFile(one.cluster.adminKubeconfig, 'utf8') });

function kubeseal(argv: readonly string[], stdin = '') {
  const env = { PATH: process.env['PATH'], KUBECONFIG: one.cluster.adminKubeconfig, HOME: repository };
  return runTool([process.execPath, KUBESEAL, ...argv], { stdin, env, cwd: repository });
}

/** Runs kubeseal, which must end with code 0. */
async function done(argv: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await kubeseal(argv, stdin);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

async function apply(world: World, file: string): Promise<void> {
  await world.apply(JSON.parse(await readFile(join(repository, file), 'utf8')) as ApiObject);
}

describe('kubeseal with two clusters', () => {
  it('fetches both certificates, after it has shown them', async () => {
    const { code, stderr } = await kubeseal(['cert', 'update']);
    expect({ code, asked: stderr.match(/^ {2}new: SHA256:/gm)?.length }).toEqual({ code: 1, asked: 2 });
    const dry = await done(['cert', 'update', '--dry-run']);
    expect(dry.match(/^\+\+\+ .*$/gm)?.sort()).toEqual(
      ['+++ b/.kubeseal.yaml', '+++ b/one/cert.pem', '+++ b/two/cert.pem'].sort(),
    );
    expect((await kubeseal(['cert', 'check'])).code).not.toBe(0); // nothing was written
    const { clusters } = JSON.parse(await done(['cert', 'update', '--yes', '--json'])) as {
      clusters: readonly { readonly change: string }[];
    };
    expect(clusters.map(({ change }) => change)).toEqual(['updated', 'updated']);
    expect(await done(['cert', 'check'])).toMatch(/^one +current .*\ntwo +current /m);
  });
  it('creates and changes one Secret in both, which each controller opens', async () => {
    await done(['create', 'db', 'password=@-', '--all', '-w', '{cluster}/{name}.json'], 'hunter2');
    for (const [world, name] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      await apply(world, `${name}/db.json`);
      await world.untilItem(world.home, 'db', ['password', 'hunter2']);
    }
    await done(['set', 'one/db.json', 'two/db.json', 'password'], 'hunter3');
    for (const [world, name] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      await apply(world, `${name}/db.json`);
      await world.untilItem(world.home, 'db', ['password', 'hunter3']);
    }
  });
  it('asks the controller of each cluster about its own files', async () => {
    const all = await kubeseal(['validate', 'one', 'two']);
    expect(all).toMatchObject({
      code: 0,
      stderr: 'note: the controller: 2 of 2 SealedSecrets can be opened\n',
    });
    const check = await kubeseal(['re-encrypt', '--check', 'one', 'two']);
    expect(check).toMatchObject({ code: 0, stderr: 'note: 0 of 2 SealedSecrets would change\n' });
  });
  it('goes on with the others where one cluster cannot be asked', async () => {
    const settings = await readFile(join(repository, '.kubeseal.yaml'), 'utf8');
    await writeFile(join(repository, 'away.yaml'), settings.replace(/(two: \{context:) [^,]+/, '$1 away'));
    const config = ['one', 'two', '--config', 'away.yaml'];
    const validated = await kubeseal(['validate', ...config]);
    expect({ code: validated.code, lines: validated.stderr.split('\n').slice(0, 2) }).toEqual({
      code: 1,
      lines: [
        'note: the controller: 1 of 1 SealedSecrets can be opened',
        'error: context "away" does not exist',
      ],
    });
    const resealed = await kubeseal(['re-encrypt', ...config]);
    expect({ code: resealed.code, stderr: resealed.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('error: two/db.json: context "away" does not exist\n'),
    });
  });
  it('finds a certificate stale once the controller has a newer key, and replaces it', async () => {
    await storeKey(one.client, two.home, { key: await testKey('c', 1), name: 'key-c' });
    const stale = await eventually('the newer key', async () => {
      const result = await kubeseal(['cert', 'check']);
      return result.code === 0 ? undefined : result;
    });
    expect({ code: stale.code, stderr: stale.stderr }).toEqual({
      code: 3,
      stderr:
        'error: cluster two: the controller serves another key\nhint: kubeseal cert update two replaces it\n',
    });
    await done(['cert', 'update', 'two', '--yes']);
    await done(['cert', 'check']);
    const check = await kubeseal(['re-encrypt', '--check', 'one', 'two']);
    expect({ code: check.code, note: check.stderr.split('\n')[0] }).toEqual({
      code: 3,
      note: expect.stringMatching(/^note: two\/db.json: would have re-encrypted password /),
    });
    await done(['set', 'two/db.json', 'password=hunter4']);
    await apply(two, 'two/db.json');
    await two.untilItem(two.home, 'db', ['password', 'hunter4']);
  });
  it('copies what one cluster holds for the other, whose controller can open it', async () => {
    await mkdir(join(repository, 'two/copied'));
    await done(['copy', 'one/db.json', 'two/copied/', '--from-cluster']);
    const validate = ['--validate', '-f', 'two/copied/db.json', '--controller-namespace'];
    await done([...validate, two.home]);
    expect((await kubeseal([...validate, one.home])).code).toBe(1);
    expect(textsOf(await one.untilUnsealed(one.home, 'db'))).toEqual({ password: 'hunter3' });
  });
});
