import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { World } from '../support/world.ts';
import { PLAYED, playScenes, RESTLESS, startChatter } from './scenes.ts';
import type { EventFault } from './watch-run.ts';

const isFull = process.env['FUIN_FAULTS'] === 'full';
/** Short, because only a comparison finds an event that was really lost. */
const RESYNC = '--resync-period=2s';

describe('one watch event suffers, whichever it is, and the controller comes to the same end', () => {
  let world: World<EmbeddedCluster>;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster(), { args: [RESYNC] });
  });
  beforeEach(() => world.cluster.apiServer.faults.clear());
  afterAll(() => world?.close());

  // each scene has its own event lost or doubled, so all can be played at once
  it.each<[string, EventFault]>([
    ['lost', { action: 'drop' }],
    ['doubled', { action: 'duplicate' }],
  ])('when it is %s', async (_what, fault) => {
    expect(await playScenes(world, { fault, atOnce: 12 })).toBeGreaterThan(35);
  });

  // these hold up the whole stream, so that scenes are played one after another, while others change other
  // objects
  it.each<[string, EventFault]>([
    ['swapped with the next', { action: 'reorder' }],
    ['late', { action: 'delay', delayMs: 150 }],
  ])('when it is %s', async (_what, fault) => {
    const stopChatter = await startChatter(world);
    try {
      const scenarios = isFull ? PLAYED : RESTLESS;
      expect(await playScenes(world, { fault, atOnce: 1, scenarios })).toBeGreaterThan(isFull ? 35 : 12);
    } finally {
      await stopChatter();
    }
  });
});
