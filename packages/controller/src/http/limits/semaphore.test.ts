import { describe, expect, it } from 'vitest';
import { createSemaphore } from './semaphore.ts';

describe('createSemaphore', () => {
  it('runs so many tasks at once, in the order in which they came, whether or not they fail', async () => {
    const inTurn = createSemaphore({ total: 2, perPeer: 2 });
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    const task = (index: number) => async () => {
      begun.push(index);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      if (index % 2 === 0) throw new Error('no');
      return index;
    };
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((index) => inTurn('a', task(index))));
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });
  it('runs no more tasks at once than it may in all, however many peers ask', async () => {
    const inTurn = createSemaphore({ total: 2, perPeer: 1 });
    let running = 0;
    let most = 0;
    const task = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
    };
    await Promise.all(['a', 'b', 'c', 'd'].map((peer) => inTurn(peer, task)));
    expect([most, running]).toEqual([2, 0]);
  });
  it('drops a task whose peer has left before its turn', async () => {
    const inTurn = createSemaphore({ total: 1, perPeer: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = inTurn('a', () => promise);
    const gone = new AbortController();
    const ran: string[] = [];
    const second = inTurn('a', async () => ran.push('gone'), gone.signal);
    const third = inTurn('a', async () => ran.push('third'));
    gone.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    resolve();
    await Promise.all([first, third]);
    expect(ran).toEqual(['third']);
  });
  it('does not let tasks of one peer hold up those of another', async () => {
    const inTurn = createSemaphore({ total: 2, perPeer: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const long = [1, 2, 3].map(() => inTurn('a', () => promise));
    expect(await inTurn('b', async () => 'done')).toBe('done');
    resolve();
    await Promise.all(long);
  });
});
