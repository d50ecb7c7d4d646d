import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { object, refusal, ScriptedApi } from '../testing/scripted-api.ts';
import { createInformer, type InformerOptions } from './informer.ts';

const MAPS = { group: '', version: 'v1', plural: 'configmaps' };
const controllers: AbortController[] = [];

/** An informer on a scripted server with a fake clock, and the changes it reported: `+a@1`, `a@1>2`, `-a`. */
async function follow(api: ScriptedApi, options: Partial<InformerOptions> = {}) {
  const clock = new FakeClock();
  const told: string[] = [];
  const controller = new AbortController();
  controllers.push(controller);
  const informer = createInformer({
    client: api,
    resource: MAPS,
    clock,
    jitter: () => 0,
    onChange: ({ current, previous }) => {
      const name = (current ?? previous)?.metadata.name;
      const [from, to] = [previous?.metadata.resourceVersion, current?.metadata.resourceVersion];
      told.push(
        to === undefined ? `-${name}` : from === undefined ? `+${name}@${to}` : `${name}@${from}>${to}`,
      );
    },
    ...options,
  });
  const synced = informer.start(controller.signal);
  synced.catch(() => undefined);
  await settle();
  return { api, clock, told, informer, synced, controller };
}

function listing(resourceVersion: string, ...items: ReturnType<typeof object>[]): ScriptedApi {
  const api = new ScriptedApi();
  api.lists = [{ items, resourceVersion }];
  return api;
}

afterEach(() => {
  for (const controller of controllers.splice(0)) controller.abort();
});

describe('Informer, list and watch', () => {
  it('lists page by page, then watches from there with bookmarks', async () => {
    const api = new ScriptedApi();
    api.lists = [
      { items: [object('a', '1')], resourceVersion: '5', continue: 'more' },
      { items: [object('b', '2')], resourceVersion: '5' },
    ];
    const { informer, told, synced } = await follow(api, { pageSize: 1, query: { labelSelector: 'x' } });
    await synced;
    expect(told).toEqual(['+a@1', '+b@2']);
    expect(api.listQueries).toEqual([
      { labelSelector: 'x', limit: 1 },
      { labelSelector: 'x', limit: 1, continue: 'more' },
    ]);
    const query = {
      labelSelector: 'x',
      resourceVersion: '5',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
    };
    expect(api.lastWatch.query).toEqual(query);
    expect(informer.lister.hasSynced).toBe(true);
  });

  it('keeps the cache equal to the events and reports each change once', async () => {
    const { api, informer, told } = await follow(listing('5', object('a', '1')));
    await api.lastWatch.send('ADDED', object('b', '6'));
    await api.lastWatch.send('MODIFIED', object('a', '7'));
    await api.lastWatch.send('MODIFIED', object('a', '7'));
    await api.lastWatch.send('DELETED', object('b', '8'));
    expect(told).toEqual(['+a@1', '+b@6', 'a@1>7', '-b']);
    expect([...informer.lister.list()].map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  it('continues from the last bookmark when a watch ends, without a list', async () => {
    const { api, clock } = await follow(listing('5'));
    await api.lastWatch.send('ADDED', object('b', '6'));
    await api.lastWatch.send('BOOKMARK', object('', '9'));
    await clock.advance(2_000);
    await api.lastWatch.end();
    expect(api.watches).toHaveLength(2);
    expect(api.lastWatch.query.resourceVersion).toBe('9');
    expect(api.listQueries).toHaveLength(1);
  });

  it('keeps frozen objects without managedFields', async () => {
    const managed = { namespace: 'n', name: 'a', resourceVersion: '1', managedFields: [{ manager: 'x' }] };
    const { informer } = await follow(listing('5', { metadata: managed, spec: { deep: [{ x: 1 }] } }));
    const kept = informer.lister.get({ namespace: 'n', name: 'a' });
    expect(Object(kept?.metadata).managedFields).toBeUndefined();
    expect(() => Object.assign(Object(kept?.['spec']).deep[0], { x: 2 })).toThrow(TypeError);
  });

  it('survives a listener that throws', async () => {
    const messages: string[] = [];
    const { informer, synced } = await follow(listing('5', object('a', '1'), object('b', '1')), {
      logger: { log: (_level, message) => messages.push(message) },
      onChange: () => {
        throw new Error('bug');
      },
    });
    await synced;
    expect([...informer.lister.list()]).toHaveLength(2);
    expect(messages).toEqual(['change listener failed', 'change listener failed']);
  });

  it('stops on request, and rejects for anyone who waits for the first list', async () => {
    const { api, clock, synced, controller } = await follow(new ScriptedApi());
    controller.abort(new Error('stopping'));
    await expect(synced).rejects.toThrow('stopping');
    await clock.advance(600_000);
    expect(api.listQueries).toHaveLength(1);
  });
});

describe('Informer, when things go wrong', () => {
  it.each([401, 403, 404, 429, 500, 503, 0])(
    'keeps trying to list after status %i, ever more slowly',
    async (status) => {
      const api = new ScriptedApi();
      api.lists = [...Array.from({ length: 8 }, () => refusal(status)), { items: [], resourceVersion: '5' }];
      const { clock, informer } = await follow(api);
      const delays: (number | undefined)[] = [];
      for (let failure = 0; failure < 8; failure += 1) {
        delays.push(clock.nextDelayMs);
        await clock.advance(clock.nextDelayMs ?? 0);
      }
      expect(delays).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
      expect(informer.lister.hasSynced).toBe(true);
    },
  );

  it('waits as long as the server asks', async () => {
    const api = new ScriptedApi();
    api.lists = [refusal(429, 17_000)];
    expect((await follow(api)).clock.nextDelayMs).toBe(17_000);
  });

  it('opens the watch again after an error, from where it was', async () => {
    const { api, clock } = await follow(listing('5'));
    await api.lastWatch.send('ADDED', object('b', '6'));
    await api.lastWatch.fail(refusal(0));
    await clock.advance(800);
    expect(api.lastWatch.query.resourceVersion).toBe('6');
    expect(api.listQueries).toHaveLength(1);
  });

  it.each(['status', 'event'])(
    'lists again after a 410 %s and reports the deletions that it missed',
    async (form) => {
      const { api, clock, told } = await follow(listing('5', object('a', '1'), object('b', '2')));
      await clock.advance(60_000);
      api.lists = [{ items: [object('b', '8')], resourceVersion: '9' }];
      if (form === 'status') await api.lastWatch.fail(refusal(410));
      else await api.lastWatch.send('ERROR', { kind: 'Status', metadata: {}, code: 410, reason: 'Expired' });
      expect(told).toEqual(['+a@1', '+b@2', 'b@2>8', '-a']);
      expect(api.lastWatch.query.resourceVersion).toBe('9');
    },
  );

  it('treats other ERROR events as failures of the watch', async () => {
    const { api, clock } = await follow(listing('5'));
    await api.lastWatch.send('ERROR', { kind: 'Status', metadata: {}, code: 500 });
    await clock.advance(800);
    expect([api.listQueries.length, api.watches.length]).toEqual([1, 2]);
  });

  it('lists again after three failed watches in a row', async () => {
    const api = listing('5');
    api.watchErrors = [refusal(400), refusal(400), refusal(400)];
    const { clock } = await follow(api);
    await clock.advance(800 + 1_600 + 3_200);
    expect([api.listQueries.length, api.watches.length]).toEqual([2, 4]);
  });

  it.each([
    ['ends every watch at once', (api: ScriptedApi) => api.lastWatch.end()],
    ['answers 410 to every watch', (api: ScriptedApi) => api.lastWatch.fail(refusal(410))],
  ])('asks a server that %s ever more slowly', async (_what, spoil) => {
    const { api, clock } = await follow(listing('5'));
    let handled = 0;
    for (let second = 0; second < 120; second += 1) {
      if (api.watches.length > handled) await spoil(api);
      handled = api.watches.length;
      await clock.advance(1_000);
    }
    expect(api.watches.length).toBeGreaterThan(4);
    expect(api.watches.length + api.listQueries.length).toBeLessThan(20);
  });

  it('opens a silent watch again, but not one that receives bookmarks', async () => {
    const { api, clock } = await follow(listing('5'), { idleLimitMs: 180_000 });
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.advance(60_000);
      await api.lastWatch.send('BOOKMARK', object('', '7'));
    }
    expect(api.watches).toHaveLength(1);
    await clock.advance(179_000);
    expect(api.watches).toHaveLength(1);
    await clock.advance(1_000);
    expect(api.watches).toHaveLength(2);
    expect(api.watches[0]?.signal.aborted).toBe(true);
    expect(api.lastWatch.query.resourceVersion).toBe('7');
  });

  it('is not stalled while the server is down, but is while its loop hangs', async () => {
    const api = new ScriptedApi();
    api.lists = [refusal(503)];
    const { clock, informer } = await follow(api);
    await clock.advance(600_000);
    expect(informer.stalledMs).toBeLessThan(1_000);
    api.list = () => new Promise<never>(() => undefined);
    await clock.advance(630_000);
    expect(informer.stalledMs).toBeGreaterThan(590_000);
  });

  it('finds by its slow comparison what a watch never reported', async () => {
    const { api, clock, told } = await follow(listing('5', object('a', '1')), { relistPeriodMs: 100_000 });
    api.lists = [{ items: [object('a', '6')], resourceVersion: '6' }];
    await clock.advance(100_000);
    expect(told).toEqual(['+a@1', 'a@1>6']);
    expect([api.listQueries.length, api.watches.length]).toEqual([2, 2]);
  });

  it('compares in short periods too: a planned list is not a failure', async () => {
    const { api, clock } = await follow(listing('5', object('a', '1')), { relistPeriodMs: 2_000 });
    for (let period = 0; period < 4; period += 1) await clock.advance(2_000);
    expect(api.listQueries).toHaveLength(5);
  });

  it('starts a list over when its pages expire, the second time without pages', async () => {
    const api = new ScriptedApi();
    const first = { items: [object('a', '1')], resourceVersion: '5', continue: 'more' };
    api.lists = [
      first,
      refusal(410),
      first,
      refusal(410),
      { items: [object('b', '2')], resourceVersion: '9' },
    ];
    const { told } = await follow(api);
    expect(told).toEqual(['+b@2']);
    expect(api.listQueries.map(({ limit }) => limit)).toEqual([500, 500, 500, 500, undefined]);
  });
});

describe('Informer, when the server goes back in time', () => {
  it('asks again when a list is older than what was seen', async () => {
    const { api, clock, told } = await follow(listing('50', object('a', '50')));
    await clock.advance(60_000);
    api.lists = [
      { items: [object('a', '40')], resourceVersion: '41' },
      { items: [object('a', '60')], resourceVersion: '61' },
    ];
    await api.lastWatch.fail(refusal(410));
    expect(told).toEqual(['+a@50']);
    await clock.advance(800);
    expect(told).toEqual(['+a@50', 'a@50>60']);
  });

  it('accepts older lists in the end: the server was restored from a backup', async () => {
    const { api, clock, told } = await follow(listing('50', object('a', '50'), object('b', '50')));
    await clock.advance(60_000);
    api.lists = [{ items: [object('a', '40')], resourceVersion: '41' }];
    await api.lastWatch.fail(refusal(410));
    await clock.advance(10_000);
    expect(told).toEqual(['+a@50', '+b@50', 'a@50>40', '-b']);
    await api.lastWatch.send('MODIFIED', object('a', '42'));
    expect(told.at(-1)).toBe('a@40>42');
  });

  it('lists when a bookmark is older than the watch', async () => {
    const { api, clock } = await follow(listing('50'));
    await clock.advance(60_000);
    await api.lastWatch.send('BOOKMARK', object('', '40'));
    expect(api.listQueries).toHaveLength(2);
  });

  it('does not resurrect or lose objects when events come in the wrong order', async () => {
    const { api, told } = await follow(listing('5'));
    await api.lastWatch.send('MODIFIED', object('a', '7'));
    await api.lastWatch.send('ADDED', object('a', '6'));
    await api.lastWatch.send('DELETED', object('b', '9'));
    await api.lastWatch.send('ADDED', object('b', '8'));
    expect(told).toEqual(['+a@7', '-b']);
  });
});
