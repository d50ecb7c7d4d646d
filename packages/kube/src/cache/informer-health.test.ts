import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { object, refusal, ScriptedApi } from '../testing/scripted-api.ts';
import { createInformer, type InformerOptions } from './informer.ts';

let stop = new AbortController();

async function follow(api: ScriptedApi, options: Partial<InformerOptions>): Promise<FakeClock> {
  const clock = new FakeClock();
  const resource = { group: '', version: 'v1', plural: 'configmaps' };
  const informer = createInformer({ client: api, resource, clock, jitter: () => 0, ...options });
  informer.start(stop.signal).catch(() => undefined);
  await settle();
  return clock;
}

function listing(resourceVersion: string, ...items: ReturnType<typeof object>[]): ScriptedApi {
  const api = new ScriptedApi();
  api.lists = [{ items, resourceVersion }];
  return api;
}

afterEach(() => {
  stop.abort();
  stop = new AbortController();
});

describe('the health of an informer', () => {
  it('reports how many objects cannot be read as they are now', async () => {
    const counts: number[] = [];
    const transform = (item: ReturnType<typeof object>) => {
      if (item.metadata.resourceVersion === '7') throw new RangeError('too deep');
      return item;
    };
    const api = listing('5', object('a', '1'), object('b', '7'));
    const clock = await follow(api, { transform, onUnreadable: (count) => counts.push(count) });
    const [watch] = api.watches;
    await watch?.send('MODIFIED', object('a', '7'));
    await watch?.send('MODIFIED', object('a', '8'));
    await watch?.send('DELETED', object('b', '9'));
    expect(counts).toEqual([1, 2, 1, 0]);
    await watch?.send('MODIFIED', object('a', '7'));
    api.lists = [{ items: [], resourceVersion: '10' }];
    await clock.advance(3_700_000);
    expect(counts.slice(4)).toEqual([1, 0]);
  });
  it('reports when it begins to fail and when the watch works again', async () => {
    const told: boolean[] = [];
    const api = listing('5');
    api.lists.unshift(refusal(403), refusal(403));
    const clock = await follow(api, { onFailing: (isFailing) => told.push(isFailing) });
    await clock.advance(60_000);
    expect(told).toEqual([true]);
    await api.watches[0]?.send('BOOKMARK', object('', '6'));
    expect(told).toEqual([true, false]);
  });
});
