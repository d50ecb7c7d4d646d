import { type ErrorCode, KeyRing, SealedSecretsError } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { createWorkQueue } from '@fuin/kube/workqueue';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { GaveWay } from '../reconcile/status/failures.ts';
import { recordingLog } from '../testing/recorders.ts';
import { Workers } from './worker.ts';

type Pass = (key: ObjectKey, retries: number) => Promise<void>;

/** Of the last scene. */
let isBusy = () => false;

/** Until nothing is left to do, or until far more turns of the event loop than any reconcile here takes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 1_000 && (turn === 0 || isBusy()); turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
}

/** Workers over a real queue whose delays are recorded and skipped. */
function scene(reconcile: Pass, { concurrency = 4, jitter = 0 } = {}) {
  const queue = createWorkQueue();
  const log = recordingLog();
  const metrics = createMetrics('test');
  const keys = { keyRing: KeyRing.of(), onChange: (listener: () => void) => void listeners.push(listener) };
  const listeners: (() => void)[] = [];
  const delays: number[] = [];
  let busy = 0; // reconciles in progress, and keys that are about to return
  queue.addAfter = (key, delayMs) => {
    delays.push(delayMs);
    busy += 1;
    setImmediate(() => {
      busy -= 1;
      queue.add(key);
    });
  };
  const counted: Pass = async (key, retries) => {
    busy += 1;
    await reconcile(key, retries).finally(() => {
      busy -= 1;
    });
  };
  const workers = new Workers({
    queue,
    reconcile: counted,
    keys,
    maxFastRetries: 3,
    concurrency,
    retryAfterMs: (error) => (error as { readonly askedMs?: number } | null)?.askedMs,
    jitter: () => jitter,
    log,
    metrics,
  });
  const stop = new AbortController();
  const running = workers.run(stop.signal);
  const addKey = () => {
    keys.keyRing = KeyRing.of();
    for (const listener of listeners) listener();
  };
  isBusy = () => busy > 0 || queue.length > 0;
  return { workers, queue, log, metrics, delays, stop, running, addKey };
}

const key = (name: string, namespace = 'blue') => ({ namespace, name });
const failing = (code: ErrorCode) => new SealedSecretsError(code, 'no');

describe('Workers', () => {
  it.each([
    'ERR_MANIFEST_INVALID',
    'ERR_ENVELOPE_MALFORMED',
    'ERR_TEMPLATE_INVALID',
    'ERR_SIGNER_REQUIRED',
    'ERR_NO_KEY_OPENS_VALUE',
    'ERR_SECRET_NOT_OWNED',
    'ERR_SECRET_IMMUTABLE',
    'ERR_SECRET_TYPE_FORBIDDEN',
  ] as const)('waits for a change after %s', async (code) => {
    let passes = 0;
    const { queue } = scene(async () => {
      passes += 1;
      throw failing(code);
    });
    for (const expected of [1, 2]) {
      queue.add(key('db'));
      await settle();
      expect(passes).toBe(expected);
    }
  });
  it('retries what no key opened when a key is added, and nothing else', async () => {
    const passes: string[] = [];
    const { queue, addKey } = scene(async ({ name }) => {
      passes.push(name);
      throw failing(name === 'sealed' ? 'ERR_NO_KEY_OPENS_VALUE' : 'ERR_ENVELOPE_MALFORMED');
    });
    queue.add(key('sealed'));
    queue.add(key('broken'));
    await settle();
    addKey();
    await settle();
    expect(passes.sort()).toEqual(['broken', 'sealed', 'sealed']);
  });
  it('does not miss a key that is added while the others are tried', async () => {
    let passes = 0;
    const { queue, addKey } = scene(async () => {
      passes += 1;
      if (passes === 1) addKey();
      throw failing('ERR_NO_KEY_OPENS_VALUE');
    });
    queue.add(key('db'));
    await settle();
    expect(passes).toBe(2);
  });
  it("goes through upstream's fast retries, then on with growing pauses, and never ends", async () => {
    const retries: number[] = [];
    const { queue, delays } = scene(async (_key, retry) => {
      retries.push(retry);
      if (retry < 20) throw failing('ERR_API_UNAVAILABLE');
    });
    queue.add(key('db'));
    await settle();
    expect(delays.slice(0, 6)).toEqual([5, 10, 20, 1000, 2000, 4000]);
    expect(delays.at(-1)).toBe(300_000);
    expect(retries).toHaveLength(21);
  });
  it('spreads retries over a fifth of each pause', async () => {
    const { queue, delays } = scene(
      async (_key, retry) => {
        if (retry < 4) throw failing('ERR_API_UNAVAILABLE');
      },
      { jitter: 1 },
    );
    queue.add(key('db'));
    await settle();
    expect(delays).toEqual([4, 8, 16, 800]);
  });
  it('waits as long as the server asks, within reason', async () => {
    const asked = [30_000, 86_400_000];
    const { queue, delays } = scene(async (_key, retry) => {
      const askedMs = asked[retry];
      if (askedMs) throw Object.assign(failing('ERR_API_UNAVAILABLE'), { askedMs });
    });
    queue.add(key('db'));
    await settle();
    expect(delays).toEqual([30_000, 300_000]);
  });
  it('starts from zero after a success', async () => {
    let fails = true;
    const { queue, delays } = scene(async () => {
      fails = !fails;
      if (!fails) throw failing('ERR_CONFLICT');
    });
    for (let count = 0; count < 2; count++) {
      queue.add(key('db'));
      await settle();
    }
    expect(delays).toEqual([5, 5]);
  });
  it('retries slowly what the server refused', async () => {
    let passes = 0;
    const { queue, delays } = scene(async () => {
      passes += 1;
      if (passes < 3) throw failing('ERR_API_REJECTED');
    });
    queue.add(key('db'));
    await settle();
    expect(delays).toEqual([1000, 2000]);
  });
  it('retries after a bug and logs where it is, not what it says', async () => {
    let passes = 0;
    const { queue, log } = scene(async () => {
      passes += 1;
      if (passes === 1) JSON.parse('canary-7f3a');
    });
    queue.add(key('db'));
    await settle();
    expect(passes).toBe(2);
    expect(log.lines[0]).toContain('worker.test.ts');
    expect(log.lines.join()).not.toContain('canary');
  });
  it('writes one line for each failure that is retried: an error once the failure is no longer expected to pass', async () => {
    const { queue, log } = scene(async (_key, retry) => {
      if (retry < 5) throw failing('ERR_API_UNAVAILABLE');
      if (retry < 6) throw failing('ERR_API_REJECTED');
    });
    queue.add(key('db'));
    await settle();
    const lines = log.lines.map((line) => /^(\w+) error updating, will retry .*"reason":"(\w+)"/.exec(line));
    expect(lines.map((match) => match?.slice(1).join(' '))).toEqual([
      ...Array.from({ length: 3 }, () => 'WARN ServerUnavailable'),
      ...Array.from({ length: 2 }, () => 'ERROR ServerUnavailable'),
      'ERROR RejectedByServer',
    ]);
  });
  it.each(['ERR_NO_KEY_OPENS_VALUE', 'ERR_SECRET_NOT_OWNED'] as const)(
    'writes no line for %s, which is not retried',
    async (code) => {
      const { queue, log } = scene(async () => {
        throw failing(code);
      });
      queue.add(key('db'));
      await settle();
      expect(log.lines).toEqual([]);
    },
  );
  it('limits the effect of a poison object to itself', async () => {
    const done: string[] = [];
    const { queue } = scene(
      async ({ name }) => {
        if (name === 'poison') throw null;
        done.push(name);
      },
      { concurrency: 1 },
    );
    for (const name of ['a', 'poison', 'b']) queue.add(key(name));
    await settle();
    expect(done).toEqual(['a', 'b']);
  });
  it('works on several objects at once and never twice on one', async () => {
    const under = new Map<string, number>();
    let most = 0;
    const { queue } = scene(async ({ name }) => {
      expect(under.get(name) ?? 0).toBe(0);
      under.set(name, 1);
      const now = [...under.values()].reduce((sum, each) => sum + each, 0);
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      under.set(name, 0);
    });
    for (const name of ['a', 'b', 'c', 'd', 'a', 'b']) queue.add(key(name));
    await settle();
    expect(most).toBe(4);
  });
  it.each([
    ['ERR_NO_KEY_OPENS_VALUE', true],
    ['ERR_TEMPLATE_INVALID', true],
    ['ERR_API_REJECTED', true],
    ['ERR_API_UNAVAILABLE', false],
    ['ERR_CONFLICT', false],
  ] as const)('knows of an object that failed with %s through its own fault: %s', async (code, isKnown) => {
    let fails = true;
    let passes = 0;
    const { workers, queue } = scene(async () => {
      passes += 1;
      if (fails) throw failing(code);
    });
    queue.add(key('db'));
    await expect.poll(() => passes).toBeGreaterThan(0);
    expect(workers.hasFailed(key('db'))).toBe(isKnown);
    expect(workers.hasFailed(key('other'))).toBe(false);
    fails = false;
    const before = passes;
    queue.add(key('db'));
    await expect.poll(() => passes).toBeGreaterThan(before);
    await expect.poll(() => workers.hasFailed(key('db'))).toBe(false);
  });
  it('forgets that no key opened an object when a key is added', async () => {
    const had: boolean[] = [];
    const { workers, queue, addKey } = scene(async (each) => {
      had.push(workers.hasFailed(each));
      throw failing('ERR_NO_KEY_OPENS_VALUE');
    });
    queue.add(key('db'));
    await expect.poll(() => workers.hasFailed(key('db'))).toBe(true);
    addKey();
    await expect.poll(() => had.length).toBe(2);
    queue.add(key('db'));
    await expect.poll(() => had).toEqual([false, false, true]);
  });
  it('repeats a reconcile that gave way at once, and reports nothing', async () => {
    const retries: number[] = [];
    const { workers, queue, delays, log } = scene(async (_key, retry) => {
      retries.push(retry);
      if (retries.length === 1) throw new GaveWay();
    });
    queue.add(key('db'));
    await expect.poll(() => retries).toEqual([0, 0]);
    expect([delays, log.lines]).toEqual([[], []]);
    expect(workers.hasFailed(key('db'))).toBe(false);
  });
  it('finishes the work in progress when it must stop, and starts nothing more', async () => {
    const done: string[] = [];
    const [begun, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { queue, stop, running } = scene(
      async ({ name }) => {
        begun.resolve();
        await told.promise;
        done.push(name);
      },
      { concurrency: 1 },
    );
    for (const name of ['a', 'b', 'c']) queue.add(key(name));
    await begun.promise;
    stop.abort();
    queue.shutDown();
    told.resolve();
    await running;
    expect(done).toEqual(['a']);
  });
});
