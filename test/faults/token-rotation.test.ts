import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { World } from '../support/world.ts';
import { Load } from './load.ts';

const ROTATIONS = 5;

/** The cluster, with kubeconfigs that name a file with the token instead of holding it, as pods have. */
function withTokenFile(cluster: EmbeddedCluster, directory: string): EmbeddedCluster {
  const kubeconfigFor: EmbeddedCluster['kubeconfigFor'] = async (account) => {
    const text = await readFile(await cluster.kubeconfigFor(account), 'utf8');
    const [, token = ''] = /"token": "([^"]+)"/.exec(text) ?? [];
    await replaceFile(join(directory, 'token'), token);
    const path = join(directory, 'kubeconfig');
    await replaceFile(path, text.replace(/"token": "[^"]+"/, `"tokenFile": "${join(directory, 'token')}"`));
    return path;
  };
  return { ...cluster, kubeconfigFor };
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

describe('token rotation', () => {
  let world: World<EmbeddedCluster>;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-token-'));
    world = await World.running(withTokenFile(await startEmbeddedCluster(), directory));
  });
  afterAll(async () => {
    await world?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('costs nothing: the controller reads the file anew when its token is refused', async () => {
    const { apiServer } = world.cluster;
    const { namespace, name } = world.account;
    for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
      const load = await Load.prepare(await Scene.of(world), 8);
      const playing = load.play();
      await replaceFile(join(directory, 'token'), apiServer.rotateToken(namespace, name));
      if (rotation % 2 === 1) apiServer.resetConnections(); // else watches outlive the token that opened them
      await playing;
      await load.untilInSync();
    }
  });
});
