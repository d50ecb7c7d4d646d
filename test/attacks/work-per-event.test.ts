import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { sealedPath, secretPath } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { Executions } from '../support/time/executions.ts';
import { World } from '../support/world.ts';

const [FEW, MANY] = [100, 300];
/** A single loop over all objects would add all of them. */
const TOLERANCE = (MANY - FEW) / 2;
/** The least work counts: bytes that come in another number of pieces add some. */
const REPEATS = 3;
const PAUSE_MS = 50;

let world: World;
let executions: Executions;
let namespace: string;
let running: Promise<number>;
let stop: () => void = () => undefined;
const stored: string[] = [];

/** Each does one thing to an object of its own, and waits for the controller's answer where there is one. */
const EVENTS: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
  'a new SealedSecret': async () => {
    const name = await store();
    await world.untilUnsealed(namespace, name);
  },
  'an edit': async (name) => {
    await world.apply(await sealed(name, 'edited'));
    await world.untilItem(namespace, name, ['item', 'edited']);
    await world.untilSynced(namespace, name, 'True');
  },
  'a status that somebody wrote': async (name) => {
    const status = { conditions: [{ type: 'Other', status: 'True' }] };
    await world.client.patch(`${sealedPath(namespace, name)}/status`, 'merge', { status });
  },
  'a Secret that somebody changed': async (name) => {
    await world.client.patch(secretPath(namespace, name), 'merge', { data: { item: btoa('changed') } });
    await world.untilItem(namespace, name, ['item', 'value']);
  },
  'a Secret that somebody deleted': async (name) => {
    await world.client.delete(secretPath(namespace, name));
    await world.untilItem(namespace, name, ['item', 'value']);
  },
  'a deletion': async (name) => {
    await world.client.delete(sealedPath(namespace, name));
    await eventually(
      'the end of the Secret',
      async () => !(await world.secret(namespace, name)) || undefined,
    );
  },
};

function sealed(name: string, text: string) {
  return world.seal({ namespace, name }, { item: text });
}

async function store(): Promise<string> {
  const name = `object-${stored.length}`;
  stored.push(name);
  await world.apply(await sealed(name, 'value'));
  return name;
}

async function storeUntil(count: number): Promise<void> {
  const first = stored.length;
  while (stored.length < count) await store();
  for (const name of stored.slice(first)) await world.untilUnsealed(namespace, name);
}

/** What ran until nothing runs any more. @param least the work that has to come before */
async function untilQuiet(least = 0): Promise<number> {
  let sum = 0;
  await eventually('a controller at rest', async () => {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const count = await executions.count();
    sum += count;
    return (count === 0 && sum >= least) || undefined;
  });
  return sum;
}

/** The work for each event with the objects that there are. */
async function measure(): Promise<Record<string, number>> {
  const works: Record<string, number> = {};
  for (const [event, happen] of Object.entries(EVENTS)) {
    const counts: number[] = [];
    while (counts.length < REPEATS) {
      const name = await store();
      await world.untilUnsealed(namespace, name);
      await untilQuiet();
      await happen(name);
      counts.push(await untilQuiet(1));
    }
    works[event] = Math.min(...counts);
  }
  return works;
}

/** Runs the controller in this process, where it can be counted. */
async function startHere(): Promise<void> {
  const { main } = await import('../../packages/controller/src/main.ts');
  const flags = ['--leader-elect=false', '--listen-addr=127.0.0.1:0', '--listen-metrics-addr=127.0.0.1:0'];
  running = main([`--kubeconfig=${world.cluster.adminKubeconfig}`, ...flags], {
    env: { POD_NAMESPACE: world.home },
    stdout: () => undefined,
    stderr: () => undefined,
    onSignal: (signal, listener) => {
      if (signal === 'SIGTERM') stop = listener;
    },
    onFault: () => undefined,
    exit: () => undefined,
  });
}

describe('the work of the controller for one event does not grow with the number of objects:', () => {
  let few: Record<string, number>;
  let many: Record<string, number>;
  beforeAll(async () => {
    world = await World.on(await startEmbeddedCluster());
    namespace = await world.namespace();
    executions = await Executions.of(/\/packages\/(?:controller|kube|crypto-core)\/src\//);
    await startHere();
    await storeUntil(FEW);
    few = await measure();
    await storeUntil(MANY);
    many = await measure();
  });
  afterAll(async () => {
    stop();
    expect(await running).toBe(0);
    executions.close();
    await world.close();
  });

  it.each(Object.keys(EVENTS))('%s', (event) => {
    const [before = 0, after = 0] = [few[event], many[event]];
    expect(before).toBeGreaterThan(100); // it was counted
    expect(after - before).toBeLessThan(TOLERANCE);
  });
});
