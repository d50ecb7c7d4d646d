import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Stage } from '../support/faults/stage.ts';
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

async function openStage({ stage, isGarbageKept }: Scenario): Promise<Stage<EmbeddedCluster>> {
  const cluster = await startEmbeddedCluster();
  cluster.apiServer.setGarbageCollection(!isGarbageKept);
  return Stage.on(cluster, stage);
}

const shared = SCENARIOS.filter(({ stage }) => !stage);
const apart = SCENARIOS.filter(({ stage }) => stage);

describe('killed after any of its writes, the controller comes to the same end', () => {
  let stage: Stage<EmbeddedCluster>;
  beforeAll(async () => {
    stage = await Stage.on(await startEmbeddedCluster());
  });
  afterAll(() => stage?.close());

  it.each(shared)('when $title', async (scenario) => {
    const faultless = await playFaultless(scenario, stage);
    for (const point of crashPointsOf(scenario)) {
      expect(await playCrashing(scenario, stage, point), JSON.stringify(point)).toEqual(faultless);
    }
  });
});

describe('killed after any of its writes on a cluster of its own, the controller comes to the same end', () => {
  it.each(apart)('when $title', async (scenario) => {
    const first = await openStage(scenario);
    const faultless = await playFaultless(scenario, first).finally(() => first.close());
    for (const point of crashPointsOf(scenario)) {
      const stage = await openStage(scenario);
      const end = await playCrashing(scenario, stage, point).finally(() => stage.close());
      expect(end, JSON.stringify(point)).toEqual(faultless);
    }
  });
});
