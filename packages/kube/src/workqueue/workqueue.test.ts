import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { createWorkQueue } from './workqueue.ts';

const a = { namespace: 'n', name: 'a' };
const b = { namespace: 'n', name: 'b' };

function makeQueue(hooks = {}) {
  const clock = new FakeClock();
  return { clock, queue: createWorkQueue({ clock, hooks }) };
}

describe('WorkQueue', () => {
  it('hands out keys in order of arrival, each once', async () => {
    const { queue } = makeQueue();
    for (const key of [a, b, a]) queue.add(key);
    expect(queue.length).toBe(2);
    expect([await queue.next(), await queue.next()]).toEqual([a, b]);
    expect(queue.length).toBe(0);
  });

  it('never hands out a key that is being worked on, and hands it out again after', async () => {
    const { queue } = makeQueue();
    queue.add(a);
    await queue.next();
    queue.add(a);
    queue.add(a);
    expect(queue.length).toBe(0);
    queue.done(a);
    expect(queue.length).toBe(1);
    expect(await queue.next()).toEqual(a);
    queue.done(a);
    expect(queue.length).toBe(0);
  });

  it('gives waiting workers one key each', async () => {
    const { queue } = makeQueue();
    const workers = [queue.next(), queue.next()];
    queue.add(a);
    queue.add(b);
    expect(await Promise.all(workers)).toEqual([a, b]);
  });

  it('serves namespaces in turn', async () => {
    const { queue } = makeQueue();
    const evil = Array.from({ length: 1_000 }, (_, index) => ({ namespace: 'evil', name: `e${index}` }));
    for (const each of [...evil, a]) queue.add(each);
    expect([await queue.next(), await queue.next()]).toEqual([evil[0], a]);
  });

  it('lets a worker wait for a place in the lane rather than take a key that has none', async () => {
    const laneOf = ({ name }: { readonly name: string }) => (name === 'a' ? 'wide' : 'narrow');
    const limits = { narrow: { perTenant: 1, total: 1 }, wide: { perTenant: 9, total: 9 } };
    const queue = createWorkQueue({ lanes: { limits, laneOf } });
    const c = { namespace: 'n', name: 'c' };
    for (const each of [b, c]) queue.add(each);
    const [first, second, third] = [queue.next(), queue.next(), queue.next()];
    expect(await first).toEqual(b);
    queue.add(a);
    expect(await second).toEqual(a);
    queue.done(b);
    expect(await third).toEqual(c);
  });

  it('keeps the earlier of two delays of one key', async () => {
    const { clock, queue } = makeQueue();
    queue.addAfter(a, 1_000);
    queue.addAfter(a, 100);
    queue.addAfter(a, 5_000);
    await clock.advance(100);
    expect(queue.length).toBe(1);
    await queue.next();
    queue.done(a);
    await clock.advance(10_000);
    expect(queue.length).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it('delivers a thousand delayed keys in the order of their times on one timer', async () => {
    const { clock, queue } = makeQueue();
    const delays = Array.from({ length: 1_000 }, (_, index) => (index * 7_919) % 1_009);
    for (const delayMs of delays)
      queue.addAfter({ namespace: 'n', name: String(delayMs).padStart(4, '0') }, delayMs + 1);
    expect(clock.timerCount).toBe(1);
    await clock.advance(2_000);
    const names: string[] = [];
    while (queue.length > 0) names.push((await queue.next())?.name ?? '');
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(1_000);
  });

  it('drains ready keys after shutdown, drops delayed ones, then runs dry for every worker', async () => {
    const { clock, queue } = makeQueue();
    queue.add(a);
    queue.addAfter(b, 10);
    queue.shutDown();
    queue.add(b);
    expect(await queue.next()).toEqual(a);
    expect(await queue.next()).toBeUndefined();
    await clock.advance(100);
    expect(queue.length).toBe(0);
  });

  it('wakes waiting workers at shutdown, and still hands out what was added again during work', async () => {
    const { queue } = makeQueue();
    queue.add(a);
    await queue.next();
    const waiting = queue.next();
    queue.add(a);
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.done(a);
    expect(await queue.next()).toEqual(a);
  });

  it('reports each change of its depth', async () => {
    const depths: number[] = [];
    const { clock, queue } = makeQueue({ onDepth: (depth: number) => depths.push(depth) });
    queue.add(a);
    await queue.next();
    queue.addAfter(a, 5);
    queue.done(a);
    expect(depths).toEqual([1, 0]);
    await clock.advance(5);
    expect(depths).toEqual([1, 0, 1]);
  });
});
