import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Stage } from '../support/faults/stage.ts';
import { PLAYED, playScenes, RESTLESS, startChatter } from './scenes.ts';
import type { EventFault } from './watch-run.ts';

const isFull = process.env['FUIN_FAULTS'] === 'full';
/** Short, because only a comparison finds an event that was really lost. */
const RESYNC = '--resync-period=2s';

describe('one watch event suffers, whichever it is, and the controller comes to the same end', () => {
  let stage: Stage<EmbeddedCluster>;
  beforeAll(async () => {
    stage = await Stage.on(await startEmbeddedCluster(), { args: [RESYNC] });
  });
  beforeEach(() => stage.cluster.apiServer.faults.clear());
  afterAll(() => stage?.close());

  // each scene has its own event lost or doubled, so all can be played at once
  it.each<[string, EventFault]>([
    ['lost', { action: 'drop' }],
    ['doubled', { action: 'duplicate' }],
  ])('when it is %s', async (_what, fault) => {
    expect(await playScenes(stage, { fault, atOnce: 12 })).toBeGreaterThan(35);
  });

  // these hold up the whole stream, so that scenes are played one after another, while others change other objects
  it.each<[string, EventFault]>([
    ['swapped with the next', { action: 'reorder' }],
    ['late', { action: 'delay', delayMs: 150 }],
  ])('when it is %s', async (_what, fault) => {
    const stopChatter = await startChatter(stage);
    try {
      const scenarios = isFull ? PLAYED : RESTLESS;
      expect(await playScenes(stage, { fault, atOnce: 1, scenarios })).toBeGreaterThan(isFull ? 35 : 12);
    } finally {
      await stopChatter();
    }
  });
});
