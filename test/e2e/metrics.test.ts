import { describe, expect } from 'vitest';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const PREFIX = 'sealed_secrets_controller_';
const holder = useWorld();

/** Value of the first series of the metric with these labels, which have no order; 0 where there is none. */
async function read(metric: string, ...labels: readonly string[]): Promise<number> {
  const lines = (await holder.world.metrics()).split('\n');
  const isMeant = (line: string) =>
    new RegExp(`^${PREFIX}${metric}[{ ]`).test(line) && labels.every((label) => line.includes(label));
  return Number(lines.find(isMeant)?.split(' ').at(-1) ?? 0);
}

function untilMore(than: number, ...series: Parameters<typeof read>): Promise<true> {
  const look = async () => ((await read(...series)) > than ? true : undefined);
  return eventually(`${series.join()} above ${than}`, look);
}

describe('metrics', () => {
  it('count failures by reason and namespace, and show them as a condition of -1', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const moved = await world.seal({ namespace, name: 'origin' }, { a: '1' });
    await world.apply({ ...moved, metadata: { namespace, name: 'moved' } });
    await world.client.create(`/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: 'foreign' } });
    await world.apply(await world.seal({ namespace, name: 'foreign' }, { a: '1' }));
    const place = `namespace="${namespace}"`;
    await untilMore(0, 'unseal_errors_total', 'reason="unseal"', place);
    await untilMore(0, 'unseal_errors_total', 'reason="unmanaged"', place);
    const condition = ['condition_info', place, 'name="moved"', 'condition="Synced"'] as const;
    await eventually('the condition', async () => ((await read(...condition)) === -1 ? true : undefined));
  });
  it('show with a condition which instance its object belongs to', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'db' }, { a: '1' });
    const labels = { 'app.kubernetes.io/instance': 'argo' };
    await world.apply({ ...sealed, metadata: { ...sealed.metadata, labels } });
    const instance = 'ss_app_kubernetes_io_instance="argo"';
    await untilMore(0, 'condition_info', `namespace="${namespace}"`, instance);
  });
  it('show a condition of 1 until its object is gone', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
    const place = [`namespace="${namespace}"`, 'name="db"', 'condition="Synced"'];
    await untilMore(0, 'condition_info', ...place);
    await world.client.delete(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`);
    await eventually('no condition', async () =>
      (await read('condition_info', ...place)) === 0 ? true : undefined,
    );
  });
  it('count the reconcile of a deleted object among the requests', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
    await world.untilSynced(namespace, 'db', 'True');
    // so that every reconcile of the creation is over
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = await read('unseal_requests_total');
    await world.client.delete(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`);
    await untilMore(before, 'unseal_requests_total');
  });
  it('name the build and leave its value at 0', async () => {
    expect(await holder.world.metrics()).toMatch(
      /^sealed_secrets_controller_build_info\{revision="[^"]+"\} 0$/m,
    );
  });
});
