import { describe, expect, it, onTestFinished } from 'vitest';
import { ownServerProblem } from '../../kube-apiserver/availability.ts';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { Scene } from '../../support/scene.ts';
import { World } from '../../support/world.ts';
import { Load } from '../load.ts';
import { over, Wire } from '../wire.ts';

const OBJECTS = 60;
/** PINGs find a dead connection in two thirds of it; a request on its way is then sent again. */
const REQUEST_TIMEOUT_MS = 1_500;

describe.skipIf(ownServerProblem())('HTTP/2 to a real kube-apiserver', () => {
  it('loses nothing when the server ends connections with GOAWAY again and again', async () => {
    const { wire, world } = await connected('--goaway-chance=0.02'); // the most it takes
    const load = await Load.prepare(await Scene.of(world), OBJECTS);
    await load.play();
    await load.untilInSync();
    expect(wire.connections).toBeGreaterThan(2);
  });

  it('notices that its connection fell silent, though nothing else happens, and loses nothing under load', async () => {
    const { wire, world } = await connected();
    const scene = await Scene.of(world);
    await scene.sealAndApply({ text: 'before' });
    await scene.untilInSync({ text: 'before' });
    for (const text of ['once', 'twice']) {
      wire.silence();
      await scene.sealAndApply({ text });
      // a watch may be silent for three minutes, longer than anything waits
      await scene.untilInSync({ text });
    }
    const load = await Load.prepare(scene, OBJECTS);
    const playing = load.play();
    wire.silence();
    await playing;
    await load.untilInSync();
    expect(await world.keySecrets()).toHaveLength(1);
  });
});

/** A server of the test's own, and the controller at the other end of a wire. */
async function connected(...extraArgs: readonly string[]): Promise<{ wire: Wire; world: World }> {
  const cluster = await startOwnKubeApiserver({ extraArgs });
  const wire = await Wire.to(cluster.server);
  onTestFinished(() => wire.close());
  const args = [`--api-request-timeout=${REQUEST_TIMEOUT_MS}ms`];
  const world = await World.running(over(wire, cluster), { args });
  onTestFinished(() => world.close());
  return { wire, world };
}
