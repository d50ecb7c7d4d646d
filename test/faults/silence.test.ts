import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/faults/scene.ts';
import { Stage } from '../support/faults/stage.ts';
import { eventually } from '../support/time/eventually.ts';
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
  let stage: Stage<EmbeddedCluster>;
  let end: unknown;
  beforeAll(async () => {
    const cluster = await startEmbeddedCluster({ bookmarkIntervalMs: SILENCE_TIMEOUT_MS / 4 });
    wire = await Wire.to(cluster.server);
    stage = await Stage.on(over(wire, cluster), { args: ARGS });
    end = await faultless();
  });
  afterAll(async () => {
    await stage?.close();
    await wire?.close();
  });

  const count = () => stage.cluster.apiServer.log.entries.filter(({ user }) => user === stage.user).length;

  async function faultless(): Promise<unknown> {
    const scene = await Scene.on(stage);
    const load = await Load.prepare(scene, OBJECTS);
    await load.play();
    await load.untilInLine();
    return endStateOf(scene);
  }

  it('and it is noticed in time, though nothing else happens', async () => {
    const scene = await Scene.on(stage);
    await scene.sealAndApply('db', { texts: { text: 'before' } });
    await scene.untilInLine('db', { text: 'before' });
    wire.silence();
    await scene.sealAndApply('db', { texts: { text: 'after' } });
    await scene.untilInLine('db', { text: 'after' }); // without the flag in three minutes, longer than anything waits
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
    const scene = await Scene.on(stage);
    const load = await Load.prepare(scene, OBJECTS);
    const from = count();
    const playing = load.play();
    await spoil();
    await playing;
    await load.untilInLine();
    expect(count() - from).toBeLessThan(OBJECTS * REQUESTS_PER_OBJECT);
    expect(await endStateOf(scene)).toEqual(end);
  });
});

describe('the leader', () => {
  it('finds in time that its connections are dead, and goes on leading', async () => {
    const cluster = await startEmbeddedCluster();
    const wire = await Wire.to(cluster.server);
    const stage = await Stage.on(over(wire, cluster), { args: ['--leader-elect-lease-duration=6s'] });
    const { log } = cluster.apiServer;
    const renewals = () => log.count({ user: stage.user, verb: 'update', resource: 'leases' });
    try {
      await eventually('a renewal', async () => renewals() > 0 || undefined);
      wire.silence();
      const before = renewals();
      await eventually('renewals over other connections', async () => renewals() > before + 2 || undefined);
      expect(await stage.controller.logs()).not.toContain('stopped leading');
    } finally {
      await stage.close();
      await wire.close();
    }
  });
});
