import { expect } from 'vitest';
import type { RequestFault, RequestMatch } from '../apiserver/src/index.ts';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import type { World } from '../support/world.ts';
import { type EndState, endStateOf } from './end-state.ts';
import type { Scenario } from './scenarios.ts';

type Kind = Required<Pick<RequestMatch, 'verb' | 'resource' | 'subresource'>>;

/** The first request of its kind in a step. */
export interface RequestPoint {
  readonly step: number;
  readonly kind: Kind;
}

/**
 * Plays a scenario without faults: its end, and every kind of request that the controller makes in each step.
 */
export async function playLogged(
  { steps }: Scenario,
  world: World<EmbeddedCluster>,
): Promise<{ readonly end: EndState; readonly points: readonly RequestPoint[] }> {
  const scene = await Scene.of(world);
  const { entries } = world.cluster.apiServer.log;
  const points: RequestPoint[] = [];
  for (const [step, { play }] of steps.entries()) {
    const from = entries.length;
    await play(scene);
    const ours = entries.slice(from).filter((entry) => isOurs(entry, scene));
    const kinds = ours.map(({ verb, resource, subresource }) => ({ verb, resource, subresource }));
    const unique = new Map(kinds.map((kind) => [JSON.stringify(kind), kind]));
    points.push(...[...unique.values()].map((kind) => ({ step, kind })));
  }
  return { end: await endStateOf(scene), points };
}

function isOurs(entry: { readonly user: string; readonly namespace: string }, scene: Scene): boolean {
  return entry.user === scene.world.user && entry.namespace === scene.namespace;
}

/** Plays a scenario while one request suffers, and checks that the end is the same. */
export async function playFailing(
  scenario: Scenario,
  world: World<EmbeddedCluster>,
  plan: { readonly point: RequestPoint; readonly fault: RequestFault; readonly end: EndState },
): Promise<void> {
  const { point, fault, end } = plan;
  const scene = await Scene.of(world);
  const match = { ...point.kind, user: world.user, namespace: scene.namespace };
  const undos: (() => void)[] = [];
  const play = async (): Promise<EndState> => {
    for (const [index, step] of scenario.steps.entries()) {
      if (index === point.step) undos.push(world.cluster.apiServer.faults.onRequest(match, fault, 1));
      await step.play(scene);
    }
    return endStateOf(scene);
  };
  const reached = await play().catch((error: Error) => error.message);
  for (const undo of undos) undo();
  expect(reached, `${scenario.title}: ${JSON.stringify(fault)} at ${JSON.stringify(point)}`).toEqual(end);
}
