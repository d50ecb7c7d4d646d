import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { failureOf, serve } from '../testing/scripted-server.ts';
import type { ResourceType, WatchEvent } from './types.ts';

const SECRETS: ResourceType = { group: '', version: 'v1', plural: 'secrets' };

describe('ApiClient.watch', () => {
  const event = (type: string, name: string): WatchEvent =>
    ({ type, object: { metadata: { name } } }) as WatchEvent;

  async function collect(stream: AsyncIterable<WatchEvent>): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    for await (const received of stream) events.push(received);
    return events;
  }

  it('yields events whatever the chunks, skips unknown ones, keeps ERROR events without metadata', async () => {
    const lines = [event('ADDED', 'ä€😀'), event('BOOKMARK', 'b'), { type: 'NEW', object: { metadata: {} } }];
    const bytes = Buffer.from(
      `${[...lines, { type: 'ERROR', object: { code: 410 } }].map((line) => JSON.stringify(line)).join('\n')}\n`,
    );
    let url: string | undefined;
    const { client } = await serve(async (request, response) => {
      url = request.url;
      response.writeHead(200);
      for (let at = 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const query = { resourceVersion: '5', allowWatchBookmarks: true, timeoutSeconds: 300 };
    expect(await collect(client.watch(SECRETS, query, new AbortController().signal))).toEqual([
      event('ADDED', 'ä€😀'),
      event('BOOKMARK', 'b'),
      { type: 'ERROR', object: { code: 410, metadata: {} } },
    ]);
    expect(url).toBe(
      '/api/v1/secrets?resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=300&watch=true',
    );
  });

  it('ends quietly when it is stopped, even while the server is silent, and outlives the request timeout', async () => {
    const clock = new FakeClock();
    let isOpen = false;
    const { client } = await serve(
      (_request, response) => {
        response.writeHead(200).flushHeaders();
        isOpen = true;
      },
      { clock },
    );
    const controller = new AbortController();
    const collected = collect(client.watch(SECRETS, {}, controller.signal));
    await expect.poll(() => isOpen && clock.timerCount).toBe(0); // the headers came in time
    await clock.advance(3_600_000);
    controller.abort();
    expect(await collected).toEqual([]);
  });

  it.each([
    ['breaks off', (response: ServerResponse) => response.socket?.resetAndDestroy()],
    ['sends nonsense', (response: ServerResponse) => response.end('{"type":"ADDED","object":{"s3cret\n')],
  ])('throws ERR_API_UNAVAILABLE without content when the server %s', async (_what, spoil) => {
    const { client } = await serve((_request, response) => {
      response.writeHead(200).write(`${JSON.stringify(event('ADDED', 'a'))}\n`);
      setImmediate(() => spoil(response));
    });
    const failed = await failureOf(collect(client.watch(SECRETS, {}, new AbortController().signal)));
    expect(failed).toMatchObject({ code: 'ERR_API_UNAVAILABLE', message: 'the watch broke off' });
  });
});
