import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownServerProblem } from '../../kube-apiserver/availability.ts';
import { type OwnKubeApiserver, startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { Scene } from '../../support/scene.ts';
import { World } from '../../support/world.ts';
import { Load } from '../load.ts';
import { over, Wire } from '../wire.ts';

const OBJECTS = 60;
const ARGS = ['--api-request-timeout=2s', '--api-silence-timeout=4s'];

let wire: Wire;

/** What happens while the load is played. */
const OUTAGES: readonly [string, (world: World<OwnKubeApiserver>) => Promise<void>][] = [
  ['kube-apiserver is killed and started again', ({ cluster }) => cluster.restart()],
  ['etcd is killed and started again', ({ cluster }) => cluster.etcd.restart()],
  [
    'both are killed, etcd comes back first',
    async ({ cluster }) => {
      await cluster.apiserver.stop();
      await cluster.etcd.restart();
      await cluster.apiserver.start();
    },
  ],
  [
    'connections fall silent again and again',
    async () => {
      for (let times = 0; times < 5; times += 1) {
        wire.silence();
        await sleep(300);
      }
    },
  ],
  [
    'all connections are silent for a while, new ones too',
    async () => {
      wire.cut();
      await sleep(3_000);
      wire.mend();
    },
  ],
  [
    'the controller is killed again and again',
    async (world) => {
      for (let kill = 0; kill < 4; kill += 1) {
        await world.kill();
        await world.start();
        await sleep(100);
      }
    },
  ],
  [
    'the controller is killed while kube-apiserver is away',
    async (world) => {
      await world.cluster.apiserver.stop();
      await world.kill();
      const starting = world.start(); // it waits for the server
      await world.cluster.apiserver.start();
      await starting;
    },
  ],
];

describe.skipIf(ownServerProblem())('under load on a real kube-apiserver nothing is lost', () => {
  let world: World<OwnKubeApiserver>;
  beforeAll(async () => {
    const cluster = await startOwnKubeApiserver();
    wire = await Wire.to(cluster.server);
    world = await World.running(over(wire, cluster), { args: ARGS });
  });
  afterAll(async () => {
    await world?.close();
    await wire?.close();
  });

  it.each(OUTAGES)('when %s', async (_what, breakIt) => {
    const scene = await Scene.of(world);
    const load = await Load.prepare(scene, OBJECTS);
    const playing = load.play();
    await breakIt(world);
    await playing;
    await load.untilInSync();
    expect(await world.keySecrets()).toHaveLength(1);
  });
});
