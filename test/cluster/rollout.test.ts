import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/time/eventually.ts';
import { fetchCertDuring } from './availability.ts';
import { Installation } from './installation.ts';
import { containerOf, type Pod, processOf } from './pod.ts';

let release: Installation;

beforeAll(async () => {
  release = await Installation.inNewNamespace();
  await release.install();
});
afterAll(() => release?.close());

const names = (pods: readonly Pod[]) => pods.map(({ name }) => name);

async function setSchedulable(node: string, isSchedulable: boolean): Promise<void> {
  await release.client.patch(`/api/v1/nodes/${node}`, 'merge', { spec: { unschedulable: !isSchedulable } });
}

/** Evicts a Pod like `kubectl drain`: asks again as long as the PodDisruptionBudget forbids it. */
function evict({ namespace, name }: Pod): Promise<number> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
  return eventually(`the eviction of ${name}`, async () => {
    const { code } = await release.client.request(
      'POST',
      `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
      { body },
    );
    return code === 429 ? undefined : code;
  });
}

describe('kubeseal --fetch-cert', () => {
  it('never fails while a rolling update replaces every Pod', async () => {
    const before = names(await release.untilReady(2));
    const { succeeded, failures } = await fetchCertDuring(release, async () => {
      await release.restart();
      await release.untilRolledOut();
      const after = names(await release.untilReady(2)); // the old ones are gone
      expect(after.filter((name) => before.includes(name))).toEqual([]);
    });
    expect(failures).toEqual([]);
    expect(succeeded).toBeGreaterThan(2);
  });

  it('never fails while nodes are drained one after the other', async () => {
    await release.untilReady(2);
    const { failures } = await fetchCertDuring(release, async () => {
      for (const node of ['node-a', 'node-b']) {
        await setSchedulable(node, false);
        for (const pod of (await release.pods()).filter((each) => each.node === node))
          expect(await evict(pod)).toBe(201);
        const left = await release.untilReady(2);
        expect(left.map((each) => each.node)).not.toContain(node);
        await setSchedulable(node, true);
      }
    });
    expect(failures).toEqual([]);
  });
});

describe('the replica that leads', () => {
  it('killed by SIGKILL, is followed by the other, and comes back', async () => {
    const pods = await release.untilReady(2);
    const leader = await release.leader();
    const victim = pods.find(({ name }) => name === leader);
    if (victim === undefined) throw new Error(`${leader} is none of ${names(pods)}`);
    process.kill(processOf(victim).pid, 'SIGKILL');
    const namespace = await release.namespace();
    await release.openedAs(namespace, 'after', 'opened by the next leader');
    await eventually('the restart of the container', async () => {
      const again = (await release.untilReady(2)).find(({ name }) => name === leader);
      if (again === undefined || containerOf(again).restartCount === 0) return undefined;
      return containerOf(again).lastState?.terminated?.exitCode === 137 || undefined;
    });
  });
});
