import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownServerProblem } from '../../kube-apiserver/availability.ts';
import { type OwnKubeApiserver, startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { Scene } from '../../support/faults/scene.ts';
import { Stage } from '../../support/faults/stage.ts';
import { Load } from '../load.ts';
import { over, Wire } from '../wire.ts';

const OBJECTS = 60;
const ARGS = ['--api-request-timeout=2s', '--api-silence-timeout=4s'];

let wire: Wire;

/** What happens while the load is played. */
const OUTAGES: readonly [string, (stage: Stage<OwnKubeApiserver>) => Promise<void>][] = [
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
    async (stage) => {
      for (let kill = 0; kill < 4; kill += 1) {
        await stage.kill();
        await stage.start();
        await sleep(100);
      }
    },
  ],
  [
    'the controller is killed while kube-apiserver is away',
    async (stage) => {
      await stage.cluster.apiserver.stop();
      await stage.kill();
      const starting = stage.start(); // it waits for the server
      await stage.cluster.apiserver.start();
      await starting;
    },
  ],
];

describe.skipIf(ownServerProblem())('under load on a real kube-apiserver nothing is lost', () => {
  let stage: Stage<OwnKubeApiserver>;
  beforeAll(async () => {
    const cluster = await startOwnKubeApiserver();
    wire = await Wire.to(cluster.server);
    stage = await Stage.on(over(wire, cluster), { args: ARGS });
  });
  afterAll(async () => {
    await stage?.close();
    await wire?.close();
  });

  it.each(OUTAGES)('when %s', async (_what, breakIt) => {
    const scene = await Scene.on(stage);
    const load = await Load.prepare(scene, OBJECTS);
    const playing = load.play();
    await breakIt(stage);
    await playing;
    await load.untilInLine();
    expect(await stage.countKeys()).toBe(1);
  });
});
