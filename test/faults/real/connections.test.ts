import { describe, expect, it, onTestFinished } from 'vitest';
import { ownServerProblem } from '../../kube-apiserver/availability.ts';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { Load } from '../load.ts';
import { Scene } from '../scene.ts';
import { Stage } from '../stage.ts';
import { over, Wire } from '../wire.ts';

const OBJECTS = 60;
const REQUEST_TIMEOUT_MS = 1_500;
/** PINGs find a dead connection before its requests are given up; a request on its way is then sent again. */
const NOTICED_MS = 2 * REQUEST_TIMEOUT_MS + 2_000;

describe.skipIf(ownServerProblem())('HTTP/2 to a real kube-apiserver', () => {
  it('loses nothing when the server ends connections with GOAWAY again and again', async () => {
    const { wire, stage } = await connected('--goaway-chance=0.02'); // the most it takes
    const load = await Load.prepare(await Scene.on(stage), OBJECTS);
    await load.play();
    await load.untilInLine();
    expect(wire.connections).toBeGreaterThan(2);
  });

  it('notices that its connection fell silent, though nothing else happens, and loses nothing under load', async () => {
    const { wire, stage } = await connected();
    const scene = await Scene.on(stage);
    await scene.sealAndApply('db', { texts: { text: 'before' } });
    await scene.untilInLine('db', { text: 'before' });
    for (const text of ['once', 'twice']) {
      wire.silence();
      const atMs = performance.now();
      await scene.sealAndApply('db', { texts: { text } });
      await scene.untilInLine('db', { text });
      expect(performance.now() - atMs).toBeLessThan(NOTICED_MS);
    }
    const load = await Load.prepare(scene, OBJECTS);
    const playing = load.play();
    wire.silence();
    await playing;
    await load.untilInLine();
    expect(await stage.countKeys()).toBe(1);
  });
});

/** A server of the test's own, and the controller at the other end of a wire. */
async function connected(...extraArgs: readonly string[]): Promise<{ wire: Wire; stage: Stage }> {
  const cluster = await startOwnKubeApiserver({ extraArgs });
  const wire = await Wire.to(cluster.server);
  onTestFinished(() => wire.close());
  const args = [`--api-request-timeout=${REQUEST_TIMEOUT_MS}ms`];
  const stage = await Stage.on(over(wire, cluster), { args });
  onTestFinished(() => stage.close());
  return { wire, stage };
}
