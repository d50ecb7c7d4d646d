import { describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const holder = useWorld();
// times of conditions count in seconds
const oneSecond = () => new Promise((resolve) => setTimeout(resolve, 1_100));

interface Times {
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

/** The times of the Synced condition after a change was handled. */
async function timesAfter(sealed: ApiObject, status: 'True' | 'False'): Promise<Times> {
  const { namespace = '', name = '' } = sealed.metadata;
  await holder.world.apply(sealed);
  return (await holder.world.untilSynced(namespace, name, status)) as unknown as Times;
}

const withItems = (sealed: ApiObject, items: Record<string, string>): ApiObject => {
  const spec = sealed['spec'] as { encryptedData: Record<string, string> };
  return { ...sealed, spec: { ...spec, encryptedData: { ...spec.encryptedData, ...items } } };
};

describe('the times of a condition', () => {
  it('tell when it was written last and when it last turned', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'db' }, { a: '1' });
    const first = await timesAfter(sealed, 'True');
    expect(first.lastTransitionTime).toBe(first.lastUpdateTime);
    expect(first.lastUpdateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await oneSecond();
    const broken = await timesAfter(withItems(sealed, { b: 'AgBy' }), 'False');
    expect(Date.parse(broken.lastTransitionTime)).toBeGreaterThan(Date.parse(first.lastTransitionTime));
    await oneSecond();
    const brokenMore = await timesAfter(withItems(sealed, { b: 'AgBy', c: 'AgBy' }), 'False');
    expect(brokenMore.lastTransitionTime).toBe(broken.lastTransitionTime);
    expect(Date.parse(brokenMore.lastUpdateTime)).toBeGreaterThan(Date.parse(broken.lastUpdateTime));
  });
});
