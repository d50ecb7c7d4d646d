// Ours alone: upstream knows no signatures, and runs as one replica.
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Controller, untilReady } from '../support/processes/controller-process.ts';
import { Scene } from '../support/scene.ts';
import { SshKeys } from '../support/ssh-keys.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';

const keys = new SshKeys();
for (const name of ['ann', 'eve']) keys.make(name);
const list = keys.path('allowed_signers');
const allow = (...lines: readonly string[]) => writeFile(list, lines.join(''));
afterAll(() => keys.delete());
await allow(keys.line('ann'));
const holder = useWorld(
  '--leader-elect-lease-duration=3s',
  '--require-signer=enforce',
  `--allowed-signers=${list}`,
);

beforeAll(() => holder.world.clear()); // counts are of the whole cluster

const metricsOf = async ({ metricsUrl }: Controller) => (await fetch(`${metricsUrl}/metrics`)).text();
const untilSays = (controller: Controller, what: string, pattern: RegExp) =>
  eventually(what, async () => pattern.test(await metricsOf(controller)) || undefined);
const untilLeads = (controller: Controller) =>
  untilSays(controller, 'a leader', /^sealed_secrets_controller_leader 1$/m);
const untilFollows = (controller: Controller) =>
  untilSays(controller, 'the end of a term', /^sealed_secrets_controller_leader 0$/m);
const untilCounts = (controller: Controller, finding: string, count: number) =>
  untilSays(
    controller,
    `${count} ${finding}`,
    new RegExp(`_unsigned_sealed_secrets\\{mode="enforce",finding="${finding}"\\} ${count}$`, 'm'),
  );
const COUNTED = /^\w+_unsigned_sealed_secrets\{/m;

/** A second replica, which has the same list. */
async function startReplica(podName: string): Promise<Controller> {
  const replica = await holder.world.startReplica({ POD_NAME: podName });
  await untilReady(replica);
  return replica;
}

/** Another one leads, and the first, which was paused meanwhile, knows that. */
async function handOver(first: Controller, meanwhile: () => Promise<void> = async () => {}) {
  const second = await startReplica('replica-b');
  await first.signal('SIGSTOP');
  await meanwhile();
  await untilLeads(second);
  await first.signal('SIGCONT');
  await untilFollows(first);
  return second;
}

describe('signatures after a change of leader', () => {
  it('are judged again by each leader, which counts what is refused and writes nothing anew', async () => {
    const { world } = holder;
    const [signed, unsigned] = [await Scene.of(world), await Scene.of(world)];
    await signed.apply(await keys.sign('ann', await signed.seal({ password: 's3cret' })));
    await unsigned.sealAndApply({ password: 's3cret' });
    await signed.untilInSync({ password: 's3cret' });
    await unsigned.untilRefused('SignerRequired');
    const first = world.controller;
    await untilCounts(first, 'missing', 1);
    const states = () =>
      Promise.all(
        [signed, unsigned].map(async (scene) => [await scene.sealedSecret(), await scene.secret()]),
      );
    const before = await states();

    const second = await handOver(first);
    await untilCounts(second, 'missing', 1);
    expect(await metricsOf(first)).not.toMatch(COUNTED);

    expect(await second.stop()).toBe(0);
    await untilLeads(first);
    await untilCounts(first, 'missing', 1);
    expect(await states()).toEqual(before);
    expect(await unsigned.secret()).toBeUndefined();
  });

  it('count by the list as it is then, although it changed while nobody led', async () => {
    const { world } = holder;
    const scene = await Scene.of(world);
    await scene.apply(await keys.sign('ann', await scene.seal({ password: 's3cret' })));
    await scene.untilInSync({ password: 's3cret' });
    const secret = await scene.secret();
    const first = world.controller;
    const second = await handOver(first, () => allow(keys.line('eve')));
    await scene.untilRefused('SignerRequired');
    await untilCounts(second, 'unknown-signer', 2);
    expect(await scene.secret()).toEqual(secret);
    expect(await metricsOf(first)).not.toMatch(COUNTED);

    await second.signal('SIGSTOP');
    await allow(keys.line('ann'));
    await untilLeads(first);
    await scene.untilInSync({ password: 's3cret' });
    await untilCounts(first, 'missing', 1);
    await second.kill();
  });
});
