import { describe, expect, it } from 'vitest';
import { eventually, useWorld } from './world.ts';

const PREFIX = 'sealed_secrets_controller_';
const holder = useWorld();

/** Value of the series that begins so; 0 where there is none. */
async function read(series: string): Promise<number> {
  const lines = (await holder.world.metrics()).split('\n');
  const line = lines.find((each) => each.startsWith(`${PREFIX}${series}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

const untilMore = (series: string, than: number) =>
  eventually(`${series} above ${than}`, async () => ((await read(series)) > than ? true : undefined));

describe('metrics', () => {
  it('count failures by reason and namespace, and show them as a condition of -1', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const moved = await world.seal({ namespace, name: 'origin' }, { a: '1' });
    await world.apply({ ...moved, metadata: { namespace, name: 'moved' } });
    await world.client.create(`/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: 'foreign' } });
    await world.apply(await world.seal({ namespace, name: 'foreign' }, { a: '1' }));
    await untilMore(`unseal_errors_total{reason="unseal",namespace="${namespace}"}`, 0);
    await untilMore(`unseal_errors_total{reason="unmanaged",namespace="${namespace}"}`, 0);
    const condition = `condition_info{namespace="${namespace}",name="moved",condition="Synced"`;
    await eventually('the condition', async () => ((await read(condition)) === -1 ? true : undefined));
  });
  it('count a pass for a deleted object among the requests', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
    await world.untilSynced(namespace, 'db', 'True');
    await new Promise((resolve) => setTimeout(resolve, 500)); // so that no pass of the creation is still to come
    const before = await read('unseal_requests_total');
    await world.client.delete(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`);
    await untilMore('unseal_requests_total', before);
  });
  it('name the build and leave its value at 0', async () => {
    expect(await holder.world.metrics()).toMatch(
      /^sealed_secrets_controller_build_info\{revision="[^"]+"\} 0$/m,
    );
  });
});
