import { expect } from 'vitest';
import type { WatchEventMatch } from '../apiserver/src/index.ts';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import type { World } from '../support/world.ts';
import { type EndState, endStateOf } from './end-state.ts';
import type { Scenario } from './scenarios.ts';

/** One watch event of a fault-free run: the nth of its kind. */
export type Delivery = Required<Pick<WatchEventMatch, 'kind' | 'name' | 'type' | 'nth'>>;

/** What one event is to suffer. */
export type EventFault = Parameters<EmbeddedCluster['apiServer']['faults']['onWatchEvent']>[1];

/** Plays a scenario without faults. */
export async function play({ steps }: Scenario, scene: Scene): Promise<EndState> {
  for (const step of steps) await step.play(scene);
  return endStateOf(scene);
}

/** The events about each scene, in order. Counting ends with `faults.clear`. */
export function countDeliveries({ cluster }: World<EmbeddedCluster>): (scene: Scene) => readonly Delivery[] {
  const seen = new Map<string, Delivery[]>();
  cluster.apiServer.faults.onDelivery = ({ kind, name, type, namespace }) => {
    const before = seen.get(namespace) ?? [];
    const nth = 1 + before.filter((each) => isLike(each, { kind, name, type })).length;
    seen.set(namespace, [...before, { kind, name, type, nth }]);
  };
  return ({ namespace }) => seen.get(namespace) ?? [];
}

function isLike(one: Omit<Delivery, 'nth'>, other: Omit<Delivery, 'nth'>): boolean {
  return one.kind === other.kind && one.name === other.name && one.type === other.type;
}

/**
 * Plays a scenario while one event suffers, and checks that the end is the same.
 *
 * @returns whether there was such an event
 */
export async function playSuffering(
  scenario: Scenario,
  world: World<EmbeddedCluster>,
  plan: {
    readonly delivery: Delivery;
    readonly fault: EventFault;
    readonly end: EndState;
    readonly deliveriesOf: (scene: Scene) => readonly Delivery[];
  },
): Promise<boolean> {
  const { delivery, fault, end, deliveriesOf } = plan;
  const scene = await Scene.of(world);
  const undo = world.cluster.apiServer.faults.onWatchEvent(
    { ...delivery, namespace: scene.namespace },
    fault,
  );
  const what = `${scenario.title}: ${fault.action} ${JSON.stringify(delivery)}`;
  const reached = await play(scenario, scene).catch((error: Error) => error.message);
  undo();
  expect(reached, typeof reached === 'string' ? await logOf(scene, what) : what).toEqual(end);
  return deliveriesOf(scene).some((each) => isLike(each, delivery) && each.nth === delivery.nth);
}

async function logOf({ namespace, world }: Scene, what: string): Promise<string> {
  const lines = (await world.controller.logs()).split('\n').filter((line) => line.includes(namespace));
  return [what, ...lines].join('\n');
}
