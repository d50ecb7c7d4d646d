import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { World } from '../support/world.ts';
import { type CrashPoint, playCrashing, playFaultless } from './crash-run.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** The long form crashes in the preparations of each scenario too, and after events, which come last. */
const isFull = process.env['FUIN_FAULTS'] === 'full';

function crashPointsOf({ steps }: Scenario): CrashPoint[] {
  const points = steps.flatMap(({ writes, isSetup = false }, step) =>
    writes.map((write, index) => {
      const nth = writes.slice(0, index + 1).filter((each) => each === write).length;
      return { step, write, nth, isSetup };
    }),
  );
  return points.filter(({ isSetup, write }) => isFull || !(isSetup || / Event /.test(write)));
}

async function openWorld({ world, isGarbageKept, isUnstarted }: Scenario): Promise<World<EmbeddedCluster>> {
  const cluster = await startEmbeddedCluster();
  cluster.apiServer.setGarbageCollection(!isGarbageKept);
  return isUnstarted ? World.on(cluster, world) : World.running(cluster, world);
}

const shared = SCENARIOS.filter(({ world }) => !world);
const apart = SCENARIOS.filter(({ world }) => world);

describe('killed after any of its writes, the controller comes to the same end', () => {
  let world: World<EmbeddedCluster>;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster());
  });
  afterAll(() => world?.close());

  it.each(shared)('when $title', async (scenario) => {
    const faultless = await playFaultless(scenario, world);
    for (const point of crashPointsOf(scenario)) {
      expect(await playCrashing(scenario, world, point), JSON.stringify(point)).toEqual(faultless);
    }
  });
});

describe('killed after any of its writes on a cluster of its own, the controller comes to the same end', () => {
  it.each(apart)('when $title', async (scenario) => {
    const first = await openWorld(scenario);
    const faultless = await playFaultless(scenario, first).finally(() => first.close());
    for (const point of crashPointsOf(scenario)) {
      const world = await openWorld(scenario);
      const end = await playCrashing(scenario, world, point).finally(() => world.close());
      expect(end, JSON.stringify(point)).toEqual(faultless);
    }
  });
});
