import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SharedClient } from './client.ts';
import type { ResourceType } from './ports.ts';
import { failureOf, reply, serve } from './scripted-server.ts';

const SECRETS: ResourceType = { group: '', version: 'v1', plural: 'secrets' };
const key = { namespace: 'n', name: 'a' };
const OPEN = 4;

/** A server whose connections so far can fall silent, and a client with some of them open. */
async function scene(): Promise<{
  readonly client: SharedClient;
  silence(): void;
  readonly opened: () => number;
}> {
  const seen = new Set<Socket>();
  const silent = new Set<Socket>();
  const { client } = await serve(
    ({ socket, url }, response) => {
      seen.add(socket);
      if (silent.has(socket)) return;
      if (url?.includes('watch=true')) response.write('{"type":"ADDED","object":{"metadata":{}}}\n');
      else setTimeout(() => reply(response, 200, { metadata: {} }), 20); // so that all are under way at once
    },
    { requestTimeoutMs: 300 },
  );
  await Promise.all(Array.from({ length: OPEN }, () => client.get(SECRETS, key)));
  await untilIdle();
  return {
    client,
    silence: () => {
      for (const socket of seen) silent.add(socket);
    },
    opened: () => seen.size,
  };
}

/** A connection can be used again some turns after its answer came. */
function untilIdle(): Promise<void> {
  return sleep(20);
}

describe('connections that are dead without a sign', () => {
  it('cost one request its time, and are not tried one after the other', async () => {
    const { client, silence } = await scene();
    silence();
    expect(await failureOf(client.get(SECRETS, key))).toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
    for (let asked = 0; asked < OPEN; asked += 1) expect(await client.get(SECRETS, key)).toBeDefined();
  });

  it('are found first by who is in a hurry, for all', async () => {
    const { client, silence } = await scene();
    silence();
    const hasty = client.within(30);
    expect(await failureOf(hasty.get(SECRETS, key))).toMatchObject({ failure: { reason: 'Timeout' } });
    const answers = Array.from({ length: OPEN }, () => client.get(SECRETS, key));
    expect(await Promise.all(answers)).toHaveLength(OPEN);
  });

  it('are given up without what is under way on others, and once for all that they hold up', async () => {
    const { client, silence, opened } = await scene();
    const watching = client.watch(SECRETS, {}, AbortSignal.timeout(1_500))[Symbol.asyncIterator]();
    await watching.next();
    let hasEnded = false;
    const ending = watching.next().then(
      () => {
        hasEnded = true;
      },
      () => undefined,
    );
    silence();
    const dead = Array.from({ length: OPEN - 1 }, () => failureOf(client.get(SECRETS, key))); // the watch took one
    await Promise.all(dead);
    const before = opened();
    for (let asked = 0; asked < OPEN; asked += 1) {
      await client.get(SECRETS, key);
      await untilIdle();
    }
    expect([hasEnded, opened() - before]).toEqual([false, 1]);
    await ending;
  });
});
