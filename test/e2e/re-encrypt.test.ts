import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../support/cluster/cluster.ts';
import { storeKeyPairs } from '../support/cluster/key-secret.ts';
import { makeRepository, type Repository, writeRepository } from '../support/repository/repository.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { World } from '../support/world.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
let world: World;
let repository: Repository;
let scratch: string;

beforeAll(async () => {
  repository = await makeRepository({ count: 300 });
  const keys = repository.keys.get('dev') ?? expect.fail();
  world = await World.on(await startCluster(), { key: false, isExposed: true });
  await storeKeyPairs(world.client, world.home, keys);
  await world.start();
  scratch = await mkdtemp(join(tmpdir(), 'fuin-tree-'));
  await writeRepository(repository, scratch);
});
afterAll(async () => {
  await world?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** kubeseal in the repository, for the controller of the world. */
function kubeseal(command: string, ...args: readonly string[]) {
  const { adminKubeconfig } = world.cluster;
  const flags = [`--kubeconfig=${adminKubeconfig}`, `--controller-namespace=${world.home}`];
  return runTool([process.execPath, KUBESEAL, command, ...flags, ...args], {
    env: { PATH: process.env['PATH'], HOME: scratch },
    cwd: scratch,
  });
}

describe('a repository of three clusters', () => {
  const stale = () =>
    repository.objects.filter(({ cluster, stale: items }) => cluster === 'dev' && items.length > 0);

  it('is validated: the cluster opens its own SealedSecrets and those of no other', async () => {
    expect(await kubeseal('validate', 'clusters/dev')).toMatchObject({
      code: 0,
      stderr: 'note: the controller: 100 of 100 SealedSecrets can be opened\n',
    });
    const { code, stderr } = await kubeseal('validate', 'clusters');
    expect([code, stderr.match(/^error: /gm)?.length]).toEqual([3, 200]);
  });

  it('is brought up to the newest key, in which nothing else changes', async () => {
    const check = await kubeseal('re-encrypt', '--check', '--quiet', 'clusters/dev');
    expect(check).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`error: ${stale().length} of 100 SealedSecrets have items`),
    });
    const { code, stderr } = await kubeseal('re-encrypt', 'clusters/dev');
    expect(code).toBe(0);
    expect(stderr).toContain(`note: ${stale().length} of 100 SealedSecrets changed\n`);
    const changed = new Set(stale().map(({ file }) => file));
    for (const [name, content] of Object.entries(repository.files))
      expect((await readFile(join(scratch, name), 'utf8')) !== content, name).toBe(changed.has(name));
    const again = await kubeseal('re-encrypt', '--check', 'clusters/dev');
    expect(again).toMatchObject({ code: 0, stderr: 'note: 0 of 100 SealedSecrets would change\n' });
    const offline = await kubeseal(
      're-encrypt',
      '--check',
      '--quiet',
      '--recovery-private-key=keys/dev.pem',
      'clusters/dev',
    );
    expect(offline).toMatchObject({ code: 0, stderr: '' });
  });
});
