import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';
import { endStateOf } from './end-state.ts';
import { Load } from './load.ts';
import { over, Wire } from './wire.ts';

const OBJECTS = 16;
const REQUEST_TIMEOUT_MS = 1_000;
const SILENCE_TIMEOUT_MS = 2_000;
const ARGS = [
  `--api-request-timeout=${REQUEST_TIMEOUT_MS}ms`,
  `--api-silence-timeout=${SILENCE_TIMEOUT_MS}ms`,
  '--leader-elect-lease-duration=3s',
];
/** Longer than the lease: the leader has to step down. */
const CUT_MS = 4_000;
const REQUESTS_PER_OBJECT = 20;

describe('the API server falls silent on open connections', () => {
  let wire: Wire;
  let world: World<EmbeddedCluster>;
  let end: unknown;
  beforeAll(async () => {
    const cluster = await startEmbeddedCluster({ bookmarkIntervalMs: SILENCE_TIMEOUT_MS / 4 });
    wire = await Wire.to(cluster.server);
    world = await World.running(over(wire, cluster), { args: ARGS });
    end = await faultless();
  });
  afterAll(async () => {
    await world?.close();
    await wire?.close();
  });

  const count = () => world.cluster.apiServer.log.entries.filter(({ user }) => user === world.user).length;

  async function faultless(): Promise<unknown> {
    const scene = await Scene.of(world);
    const load = await Load.prepare(scene, OBJECTS);
    await load.play();
    await load.untilInSync();
    return endStateOf(scene);
  }

  it('and it is noticed in time, though nothing else happens', async () => {
    const scene = await Scene.of(world);
    await scene.sealAndApply({ text: 'before' });
    await scene.untilInSync({ text: 'before' });
    wire.silence();
    await scene.sealAndApply({ text: 'after' });
    // without the flag in three minutes, longer than anything waits
    await scene.untilInSync({ text: 'after' });
  });

  it.each<[string, () => Promise<void>]>([
    ['once', async () => wire.silence()],
    [
      'again and again',
      async () => {
        for (let times = 0; times < 5; times += 1) {
          wire.silence();
          await sleep(300);
        }
      },
    ],
    [
      'and on new ones too, for longer than a lease',
      async () => {
        wire.cut();
        await sleep(CUT_MS);
        wire.mend();
      },
    ],
  ])('%s, and nothing is lost', async (_what, spoil) => {
    const scene = await Scene.of(world);
    const load = await Load.prepare(scene, OBJECTS);
    const from = count();
    const playing = load.play();
    await spoil();
    await playing;
    await load.untilInSync();
    expect(count() - from).toBeLessThan(OBJECTS * REQUESTS_PER_OBJECT);
    expect(await endStateOf(scene)).toEqual(end);
  });
});

describe('the leader', () => {
  it('finds in time that its connections are dead, and goes on leading', async () => {
    const cluster = await startEmbeddedCluster();
    const wire = await Wire.to(cluster.server);
    const world = await World.running(over(wire, cluster), { args: ['--leader-elect-lease-duration=6s'] });
    const { log } = cluster.apiServer;
    const renewals = () => log.count({ user: world.user, verb: 'update', resource: 'leases' });
    try {
      await eventually('a renewal', async () => renewals() > 0 || undefined);
      wire.silence();
      const before = renewals();
      await eventually('renewals over other connections', async () => renewals() > before + 2 || undefined);
      expect(await world.controller.logs()).not.toContain('stopped leading');
    } finally {
      await world.close();
      await wire.close();
    }
  });
});
