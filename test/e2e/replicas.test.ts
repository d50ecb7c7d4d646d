import { afterEach, describe, expect, it } from 'vitest';
import { sealTexts } from '../support/cluster/sealing.ts';
import { type Controller, untilReady } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { settleSecrets } from './settle.ts';

const LEASE_MS = 3_000;
const holder = useWorld(`--leader-elect-lease-duration=${LEASE_MS}ms`);
const standbys: Controller[] = [];

/** A second replica of the world's controller, as another Pod. */
async function startReplica(podName: string): Promise<Controller> {
  const replica = await holder.world.startReplica({ POD_NAME: podName });
  standbys.push(replica);
  await untilReady(replica);
  return replica;
}

async function isLeader({ metricsUrl }: Controller): Promise<boolean> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  return /^sealed_secrets_controller_leader 1$/m.test(text);
}

function certificateOf({ url }: Controller): Promise<string> {
  return fetch(`${url}/v1/cert.pem`).then((response) => response.text());
}

async function leaseHolder(): Promise<unknown> {
  const { client, home } = holder.world;
  const path = `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/sealed-secrets-controller`;
  return ((await client.get(path))['spec'] as { holderIdentity?: string }).holderIdentity;
}

/** Seals, applies and waits for the Secret of a new namespace. */
async function expectUnseal(name: string): Promise<void> {
  const { world } = holder;
  const namespace = await world.namespace();
  await world.apply(await world.seal({ namespace, name }, { password: 's3cret' }));
  await world.untilItem(namespace, name, ['password', 's3cret']);
  await world.untilSynced(namespace, name, 'True');
}

afterEach(async () => {
  for (const replica of standbys.splice(0)) await replica.kill();
});

describe('several replicas', () => {
  it('all get ready and serve the same certificate, one reconciles, no second key is made', async () => {
    const { world } = holder;
    const second = await startReplica('replica-b');
    expect(await certificateOf(second)).toBe(await certificateOf(world.controller));
    expect([await isLeader(world.controller), await isLeader(second)]).toEqual([true, false]);
    await expectUnseal('shared');
    expect(await second.logs()).not.toContain('unsealed');
    const keys = await world.client.list(
      `/api/v1/namespaces/${world.home}/secrets?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key`,
    );
    expect(keys.items).toHaveLength(1);
  });

  it('take part in the election as soon as they may, though the roles came after them', async () => {
    const { world } = holder;
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${world.home}/roles/sealed-secrets-key-admin`;
    const { rules } = (await world.client.get(path)) as { rules?: readonly { resources: string[] }[] };
    const withoutLease = rules?.filter(({ resources }) => !resources.includes('leases'));
    await world.client.patch(path, 'merge', { rules: withoutLease });
    const late = await startReplica('replica-late');
    await eventually('a leader without election', async () => (await isLeader(late)) || undefined);
    await world.client.patch(path, 'merge', { rules });
    await eventually('the end of that', async () =>
      (await late.logs()).includes('stopped leading') ? true : undefined,
    );
    await eventually('one leader', async () => {
      const leaders = [await isLeader(world.controller), await isLeader(late)];
      return leaders.filter(Boolean).length === 1 ? true : undefined;
    });
    await expectUnseal('elected');
  });

  it('the next leads when the leader is stopped, which gives its Lease back, and when it is killed', async () => {
    const { world } = holder;
    const second = await startReplica('replica-c');
    const first = await leaseHolder();
    await world.controller.stop();
    expect(await leaseHolder()).not.toBe(first); // given back before it ended: nobody waits for it to run out
    await eventually('the second replica leading', async () => ((await isLeader(second)) ? true : undefined));
    await world.start();
    await second.kill();
    await eventually('the first replica leading', async () =>
      (await isLeader(world.controller)) ? true : undefined,
    );
    await expectUnseal('after-fail-over');
  });

  it('a leader that was paused past its lease writes nothing when it goes on', async () => {
    const { world } = holder;
    const second = await startReplica('replica-d');
    await world.controller.signal('SIGSTOP');
    await eventually('the second replica leading', async () => ((await isLeader(second)) ? true : undefined));
    const namespace = await world.namespace();
    const sealed = await sealTexts(
      await certificateOf(second),
      { namespace, name: 'paused' },
      { password: 's3cret' },
    );
    await world.apply(sealed);
    const { metadata } = await world.untilItem(namespace, 'paused', ['password', 's3cret']);
    await world.controller.signal('SIGCONT');
    await eventually('the first one to step down', async () =>
      (await isLeader(world.controller)) ? undefined : true,
    );
    await settleSecrets(world, namespace);
    const secret = await world.secret(namespace, 'paused');
    expect(secret?.metadata.resourceVersion).toBe(metadata.resourceVersion);
    await second.stop();
    await eventually('the first replica leading again', async () =>
      (await isLeader(world.controller)) ? true : undefined,
    );
    await expectUnseal('after-the-pause');
  });
});
