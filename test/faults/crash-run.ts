import { expect } from 'vitest';
import type { AppliedWrite } from '../apiserver/src/index.ts';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import type { World } from '../support/world.ts';
import { type EndState, endStateOf } from './end-state.ts';
import type { Scenario, Step } from './scenarios.ts';

/**
 * A write of a fault-free run, right after which the controller is killed: the nth of its kind in its step.
 */
export interface CrashPoint {
  readonly step: number;
  readonly write: string;
  readonly nth: number;
}

type OwnWorld = World<EmbeddedCluster>;

/**
 * Plays a scenario without faults and checks that the controller writes what is expected and nothing else.
 */
export async function playFaultless(scenario: Scenario, world: OwnWorld): Promise<EndState> {
  const scene = await Scene.of(world);
  if (!scenario.isUnstarted) await flushWith(scene); // what it writes at its start is no answer to a step
  for (const step of scenario.steps) await playCounted(step, scene);
  return endStateOf(scene);
}

async function playCounted(step: Step, scene: Scene): Promise<void> {
  const seen: string[] = [];
  const undo = onOwnWrite(scene, (write) => void seen.push(write));
  await step.play(scene);
  const isDone = async () => seen.length >= step.writes.length || undefined;
  await eventually(`writes ${step.writes}`, isDone);
  await flushWith(scene);
  undo();
  expect(seen.toSorted()).toEqual(step.writes.toSorted());
}

/** Work that comes after all earlier work: once it is done, nothing of the earlier is left. */
async function flushWith(scene: Scene): Promise<void> {
  await scene.world.start();
  const marker = await Scene.of(scene.world);
  await marker.sealAndApply({ a: '1' });
  await marker.untilInSync({ a: '1' });
}

/** Plays a scenario while the controller is killed after one write, and started again. */
export async function playCrashing(
  scenario: Scenario,
  world: OwnWorld,
  point: CrashPoint,
): Promise<EndState> {
  const scene = await Scene.of(world);
  for (const [index, step] of scenario.steps.entries()) {
    if (index === point.step) await playKilled(step, scene, point);
    else await step.play(scene);
  }
  await flushWith(scene);
  return endStateOf(scene);
}

async function playKilled(step: Step, scene: Scene, { write, nth }: CrashPoint): Promise<void> {
  let seen = 0;
  let isKilled = false;
  let restarted = Promise.resolve();
  const undo = onOwnWrite(scene, async (each) => {
    if (each !== write || ++seen !== nth) return;
    await scene.world.kill();
    restarted = scene.world.start();
    isKilled = true;
  });
  await step.play(scene);
  await eventually(`a crash after ${write}`, async () => isKilled || undefined);
  await restarted;
  undo();
}

/** Calls back after each write of the controller that concerns the scene. */
function onOwnWrite(scene: Scene, callback: (write: string) => void | Promise<void>): () => void {
  const { cluster, user, home } = scene.world as OwnWorld;
  return cluster.apiServer.faults.onWrite((applied) => {
    const isRenewal = applied.kind === 'Lease' && applied.type === 'MODIFIED'; // comes by the clock
    const isOurs = [home, scene.namespace].includes(applied.namespace) && !isRenewal;
    return applied.request.user === user && isOurs ? callback(describe(applied, home)) : undefined;
  });
}

/** Names of events and keys end at random. */
function describe({ type, kind, namespace, name }: AppliedWrite, home: string): string {
  if (namespace === home && kind === 'Secret') return `${type} ${kind} key`;
  return `${type} ${kind} ${kind === 'Event' ? name.replace(/\.[^.]*$/, '') : name}`;
}
