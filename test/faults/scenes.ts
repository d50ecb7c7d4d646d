import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import type { World } from '../support/world.ts';
import { playAll } from './play-all.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { countDeliveries, type EventFault, play, playSuffering } from './watch-run.ts';

/** Changes that come faster than the controller works. */
const haste: Scenario = {
  title: 'a SealedSecret is changed, deleted and created again in haste',
  steps: [
    {
      play: async (scene) => {
        for (const text of ['1', '2', '3']) await scene.sealAndApply({ text });
        await scene.deleteSealedSecret();
        for (const text of ['4', '5']) await scene.sealAndApply({ text });
        await scene.untilInSync({ text: '5' });
      },
      writes: [],
    },
  ],
};

/** What tells most about the order of events. */
export const RESTLESS: readonly Scenario[] = [...SCENARIOS.filter(({ steps }) => steps.length > 2), haste];

/** What can be played on one world. */
export const PLAYED: readonly Scenario[] = [...SCENARIOS.filter(({ world }) => !world), haste];

/**
 * Plays scenarios, all by default, once for each watch event of its fault-free run, which suffers the fault.
 *
 * @returns how many events suffered
 */
export async function playScenes(
  world: World<EmbeddedCluster>,
  {
    fault,
    atOnce,
    scenarios = PLAYED,
  }: { readonly fault: EventFault; readonly atOnce: number; readonly scenarios?: readonly Scenario[] },
): Promise<number> {
  const deliveriesOf = countDeliveries(world);
  const plays: (() => Promise<boolean>)[] = [];
  for (const scenario of scenarios) {
    const scene = await Scene.of(world);
    const end = await play(scenario, scene);
    for (const delivery of deliveriesOf(scene)) {
      plays.push(() => playSuffering(scenario, world, { delivery, fault, end, deliveriesOf }));
    }
  }
  return (await playAll(plays, atOnce)).filter((hasSuffered) => hasSuffered).length;
}

const CHATTER_PAUSE_MS = 40;

/** Keeps changing a SealedSecret and a Secret of another namespace, so that every stream goes on. */
export async function startChatter(world: World<EmbeddedCluster>): Promise<() => Promise<void>> {
  const scene = await Scene.of(world, 'noise');
  const sealed = await scene.seal({ a: '1' });
  const stop = new AbortController();
  const chat = async (): Promise<void> => {
    for (let count = 0; !stop.signal.aborted; count += 1) {
      const annotations = { ...sealed.metadata.annotations, count: String(count) };
      await scene.apply({ ...sealed, metadata: { ...sealed.metadata, annotations } });
      const metadata = { namespace: scene.namespace, name: 'loud', annotations };
      await world.apply({ apiVersion: 'v1', kind: 'Secret', metadata });
      await sleep(CHATTER_PAUSE_MS);
    }
  };
  const chatting = chat();
  return () => {
    stop.abort();
    return chatting;
  };
}
