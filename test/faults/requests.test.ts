import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestFault } from '../apiserver/src/index.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { World } from '../support/world.ts';
import { playAll } from './play-all.ts';
import { playFailing, playLogged } from './request-run.ts';
import { PLAYED } from './scenes.ts';

const AT_ONCE = 8;
const RARER: readonly RequestFault[] = [
  { action: 'answer', code: 429 },
  { action: 'answer', code: 429, retryAfterSeconds: 1 },
  { action: 'answer', code: 500 },
  { action: 'reset', when: 'before' },
  { action: 'delay', delayMs: 200 },
];
const isFull = process.env['FUIN_FAULTS'] === 'full';
const FAULTS: readonly RequestFault[] = [
  { action: 'answer', code: 409 },
  { action: 'answer', code: 503 },
  { action: 'reset', when: 'after' },
  ...(isFull ? RARER : []),
];

describe('one request fails, whichever it is, and the controller comes to the same end', () => {
  let world: World<EmbeddedCluster>;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster());
  });
  beforeEach(() => world.cluster.apiServer.faults.clear());
  afterAll(() => world?.close());

  it.each(PLAYED)('when $title', async (scenario) => {
    const { end, points } = await playLogged(scenario, world);
    expect(points.length).toBeGreaterThan(2);
    const plays = points.flatMap((point) =>
      FAULTS.map((fault) => () => playFailing(scenario, world, { point, fault, end })),
    );
    await playAll(plays, AT_ONCE);
  });
});
