import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretPath } from '../support/objects.ts';
import { peerProblem, upstreamKubeseal } from '../support/tools/peer.ts';
import { World } from '../support/world.ts';
import { startKubeApiserver } from './start.ts';

const problem = peerProblem();
if (problem !== undefined) process.stderr.write(`SKIPPED, upstream's programs: ${problem}\n`);

describe.skipIf(problem !== undefined)("upstream's programs", () => {
  let world: World;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fuin-home-'));
    // the server is shared: at upstream's five requests a second, other tests' objects would keep it busy for
    // minutes
    const args = ['--all-namespaces=false'];
    const cluster = await startKubeApiserver();
    world = await World.running(cluster, { by: 'upstream', key: false, isExposed: true, args });
  });
  afterAll(async () => {
    await world?.close();
    await rm(home, { recursive: true, force: true });
  });

  it('the controller generates its key Secret under the rights of its chart', async () => {
    const labelled = `${secretPath(world.home)}?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key`;
    const { items } = await world.client.list(labelled);
    expect(items.map(({ type }) => type)).toEqual(['kubernetes.io/tls']);
  });

  it('a Secret sealed by kubeseal through the service proxy is unsealed in the cluster', async () => {
    const { home: namespace } = world;
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace },
      stringData: { password: 's3cret' },
    };
    const sealed = await upstreamKubeseal(['--controller-namespace', namespace], {
      stdin: JSON.stringify(secret),
      env: { KUBECONFIG: world.cluster.adminKubeconfig, HOME: home },
    });
    expect(sealed).toMatchObject({ code: 0, stderr: '' });
    await world.apply(JSON.parse(sealed.stdout));
    const opened = await world.untilItem(namespace, 'db', ['password', 's3cret']);
    expect(opened['data']).toEqual({ password: btoa('s3cret') });
  });
});
