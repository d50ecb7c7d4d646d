import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { statusOf } from '../support/objects.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const holder = useWorld();
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-why-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The condition Ready once it says more than Synced does. */
async function readyOf(scene: Scene): Promise<string> {
  return eventually('a condition Ready with evidence', async () => {
    const { conditions = [] } = statusOf(await scene.sealedSecret());
    const [synced, ready] = ['Synced', 'Ready'].map((type) => conditions.find((each) => each.type === type));
    expect(synced?.message ?? '').not.toContain('it opens as');
    return ready?.message !== synced?.message ? ready?.message : undefined;
  });
}

describe('the diagnosis', () => {
  it('says in Ready under which scope a value opens, while Synced keeps the words of upstream', async () => {
    const scene = await Scene.of(holder.world);
    const sealed = await scene.seal({ password: 's3cret' }, {}, { scope: 'cluster-wide' });
    await scene.apply({ ...sealed, metadata: { name: scene.name, namespace: scene.namespace } });
    const { message } = await scene.world.untilSynced(scene.namespace, scene.name, 'False');
    expect(message).toBe('no key could decrypt secret (password)');
    expect(await readyOf(scene)).toMatch(
      /^no key could decrypt secret \(password\): password: it opens as cluster-wide/,
    );
    const file = join(scratch, 'db.json');
    await writeFile(file, JSON.stringify({ ...(await scene.sealedSecret()), status: undefined }));
    const access = ['--kubeconfig', holder.world.cluster.adminKubeconfig];
    const { code, stdout } = await runToEnd(KUBESEAL, ['why', '--from-cluster', ...access, file]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/template says cluster-wide/),
    });
    expect(stdout).toMatch(/the controller reports since \S+: NoKeyOpensValue: .*it opens as cluster-wide/);
  });
  it('of inspect says which key the controller opened an item with', async () => {
    const scene = await Scene.of(holder.world);
    await scene.sealAndApply({ password: 's3cret' });
    await scene.world.untilSynced(scene.namespace, scene.name, 'True');
    const file = join(scratch, 'good.json');
    await writeFile(file, JSON.stringify(await scene.sealedSecret()));
    const cert = join(scratch, 'cert.pem');
    await writeFile(cert, await holder.world.certificate());
    const access = ['--kubeconfig', holder.world.cluster.adminKubeconfig, '--cert', cert];
    const { code, stdout } = await runToEnd(KUBESEAL, [
      'inspect',
      '--json',
      '--from-cluster',
      ...access,
      file,
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).sealedSecrets[0].items).toMatchObject([
      {
        name: 'password',
        keyEvidence: 'cluster',
        keyStatus: 'current',
        keyFingerprint: expect.stringMatching(/^SHA256:/),
      },
    ]);
  });
});
