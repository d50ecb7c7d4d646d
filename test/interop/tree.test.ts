import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../support/cluster/cluster.ts';
import { storeKeyPairs } from '../support/cluster/key-secret.ts';
import { makeRepository, type Repository, writeRepository } from '../support/repository/repository.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { World } from '../support/world.ts';
import { ourKubeseal } from './programs.ts';

const problem = peerProblem();
let world: World;
let repository: Repository;
let scratch: string;

/** The tree of one cluster of three, for upstream's controller, which knows no bulk requests. */
async function start(): Promise<void> {
  repository = await makeRepository({ count: 24 });
  const keys = repository.keys.get('dev') ?? expect.fail();
  world = await World.on(await startCluster(), { key: false, isExposed: true, by: 'upstream' });
  await storeKeyPairs(world.client, world.home, keys);
  await world.start();
  scratch = await mkdtemp(join(tmpdir(), 'fuin-upstream-tree-'));
  await writeRepository(repository, scratch);
}

function kubeseal(command: string, ...args: readonly string[]) {
  const flags = [`--kubeconfig=${world.cluster.adminKubeconfig}`, `--controller-namespace=${world.home}`];
  return ourKubeseal([command, ...flags, ...args], { cwd: scratch, env: { HOME: scratch } });
}

describe.skipIf(problem !== undefined)(`a tree, by upstream's controller (${problem ?? 'it runs'})`, () => {
  beforeAll(start);
  afterAll(async () => {
    await world?.end();
    await rm(scratch, { recursive: true, force: true });
  });
  const own = () => repository.objects.filter(({ cluster }) => cluster === 'dev');

  it('is validated object by object', async () => {
    expect(await kubeseal('validate', 'clusters/dev')).toMatchObject({
      code: 0,
      stderr: `note: the controller: ${own().length} of ${own().length} SealedSecrets can be opened\n`,
    });
    const { code, stderr } = await kubeseal('validate', 'clusters');
    expect([code, stderr.match(/^error: /gm)?.length]).toEqual([3, repository.objects.length - own().length]);
  });
  it('is sealed again with the newest key, except where upstream loses a scope that no template has', async () => {
    const { code, stderr } = await kubeseal('re-encrypt', 'clusters/dev');
    const kept = new Set(own().flatMap(({ file, scope }) => (scope === 'strict' ? [] : [file])));
    const changed = new Set(own().flatMap(({ file }) => (kept.has(file) ? [] : [file])));
    expect([kept.size, changed.size].every((count) => count > 0)).toBe(true);
    expect({ code, errors: stderr.match(/^error: .*$/gm) }).toEqual({
      code: 1,
      errors: [...kept].sort().map((file) => expect.stringMatching(new RegExp(`${file}: .* another scope`))),
    });
    const withoutValues = (text: string) => text.replaceAll(/A[gQ][A-Za-z0-9+/\s\\]{300,}=*/g, '');
    for (const [name, before] of Object.entries(repository.files)) {
      const after = await readFile(join(scratch, name), 'utf8');
      expect(after !== before, name).toBe(changed.has(name));
      expect(withoutValues(after), name).toBe(withoutValues(before));
    }
    expect(await kubeseal('validate', 'clusters/dev')).toMatchObject({ code: 0 });
    const offline = ['--check', '--quiet', '--recovery-private-key=keys/dev.pem', ...changed];
    expect(await kubeseal('re-encrypt', ...offline)).toMatchObject({ code: 0, stderr: '' });
  });
});
