import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ResourceType } from '../client/types.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { failureOf, reply, serve } from '../testing/scripted-server.ts';

const SECRETS: ResourceType = { group: '', version: 'v1', plural: 'secrets' };
const key = { namespace: 'n', name: 'a' };
const OPEN = 4;
const REQUEST_TIMEOUT_MS = 30_000; // the default

/** A server whose connections so far can fall silent, and a client with some of them open. */
async function scene() {
  const clock = new FakeClock();
  const seen = new Set<Socket>();
  const silent = new Set<Socket>();
  const held: ServerResponse[] = [];
  let unanswered = 0;
  const { client } = await serve(
    ({ socket, url }, response) => {
      seen.add(socket);
      if (silent.has(socket)) unanswered += 1;
      else if (url?.includes('watch=true')) response.write('{"type":"ADDED","object":{"metadata":{}}}\n');
      else if (held.push(response) >= OPEN || seen.size >= OPEN)
        // at first all are under way at once
        for (const each of held.splice(0)) reply(each, 200, { metadata: {} });
    },
    { clock },
  );
  await Promise.all(Array.from({ length: OPEN }, () => client.get(SECRETS, key)));
  await untilIdle();
  return {
    client,
    clock,
    silence: () => {
      for (const socket of seen) silent.add(socket);
    },
    opened: () => seen.size,
    /** Until so many requests wait for an answer that does not come. */
    untilUnanswered: (count: number) => expect.poll(() => unanswered, { interval: 1 }).toBe(count),
  };
}

/** A connection can be used again some turns after its answer came. */
async function untilIdle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await sleep(1);
}

describe('connections that are dead without a sign', () => {
  it('cost one request its time, and are not tried one after the other', async () => {
    const { client, clock, silence, untilUnanswered } = await scene();
    silence();
    const failed = failureOf(client.get(SECRETS, key));
    await untilUnanswered(1);
    await clock.advance(REQUEST_TIMEOUT_MS);
    expect(await failed).toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
    for (let asked = 0; asked < OPEN; asked += 1) expect(await client.get(SECRETS, key)).toBeDefined();
  });

  it('are found first by who is in a hurry, for all', async () => {
    const { client, clock, silence, untilUnanswered } = await scene();
    silence();
    const failed = failureOf(client.within(30).get(SECRETS, key));
    await untilUnanswered(1);
    await clock.advance(30);
    expect(await failed).toMatchObject({ failure: { reason: 'Timeout' } });
    const answers = Array.from({ length: OPEN }, () => client.get(SECRETS, key));
    expect(await Promise.all(answers)).toHaveLength(OPEN);
  });

  it('are given up without what is under way on others, and once for all that they hold up', async () => {
    const { client, clock, silence, opened, untilUnanswered } = await scene();
    const stop = new AbortController();
    const watching = client.watch(SECRETS, {}, stop.signal)[Symbol.asyncIterator]();
    await watching.next();
    let hasEnded = false;
    const ending = watching.next().then(
      () => {
        hasEnded = true;
      },
      () => undefined,
    );
    silence();
    // the watch took one
    const dead = Array.from({ length: OPEN - 1 }, () => failureOf(client.get(SECRETS, key)));
    await untilUnanswered(OPEN - 1);
    await clock.advance(REQUEST_TIMEOUT_MS);
    await Promise.all(dead);
    const before = opened();
    for (let asked = 0; asked < OPEN; asked += 1) {
      await client.get(SECRETS, key);
      await untilIdle();
    }
    expect([hasEnded, opened() - before]).toEqual([false, 1]);
    stop.abort();
    await ending;
  });
});
