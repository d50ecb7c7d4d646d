import { connect } from 'node:net';
import { describe, expect } from 'vitest';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { answerIn, exchange, head } from './sockets.ts';

// the rate is so low that no bucket fills again during a test
const holder = useWorld('--rate-limit=1', '--rate-limit-burst=4', '--read-timeout=1s', '--write-timeout=2s');

type HeadersOf = (index: number) => Record<string, string>;

/** Answers to requests that come one after the other. */
async function inARow(path: string, count: number, headersOf: HeadersOf = () => ({})): Promise<Response[]> {
  const answers: Response[] = [];
  for (let index = 0; index < count; index++) {
    const headers = headersOf(index);
    answers.push(await fetch(holder.world.controller.url + path, { method: 'POST', headers }));
  }
  return answers;
}

const ENOUGH = 50;

/**
 * Asks until refused, or often enough to know that nobody refuses. The count leaves out what the bucket, full
 * at first, gained meanwhile.
 */
async function untilRefused(path: string, headersOf?: HeadersOf) {
  const startedMs = performance.now();
  const allowed: Response[] = [];
  for (let index = 0; ; index++) {
    const [answer] = await inARow(path, 1, headersOf && (() => headersOf(index)));
    if (!answer || answer.status === 429 || index === ENOUGH) {
      const gained = (performance.now() - startedMs) / 1000;
      return { allowed, refusal: answer, least: Math.max(5, allowed.length - gained) };
    }
    allowed.push(answer);
  }
}

const statuses = (answers: readonly Response[]) => answers.map(({ status }) => status);

describe('the limit on requests', () => {
  it('allows the burst and one more on /v1/verify, and refuses in words and headers of upstream', async () => {
    const { allowed, refusal, least } = await untilRefused('/v1/verify');
    expect(allowed.length).toBeGreaterThanOrEqual(5);
    expect(least).toBe(5);
    expect(allowed[0]?.headers.get('x-ratelimit-remaining')).toBe('4');
    expect(allowed[0]?.headers.has('retry-after')).toBe(false);
    expect(await refusal?.text()).toBe('limit exceeded\n');
    const header = (name: string) => refusal?.headers.get(name);
    expect(header('content-type')).toBe('text/plain; charset=utf-8');
    expect([header('x-ratelimit-limit'), header('x-ratelimit-remaining')]).toEqual(['5', '0']);
    expect(Number(header('x-ratelimit-reset'))).toBeGreaterThan(0);
    expect(header('retry-after')).toBe('1');
  });
  it('holds for /v1/rotate too, and whatever headers a peer sends', async () => {
    const { least } = await untilRefused('/v1/rotate', (index) => ({
      'x-forwarded-for': `192.0.2.${index}`,
    }));
    expect(least).toBe(5);
  });
  it('has no store that could fail: never 500 with words', async () => {
    const answers = await inARow('/v1/verify', 20);
    const words = await Promise.all(
      answers.map(async (answer) => [answer.status, await answer.text()].join(' ')),
    );
    expect(new Set(words).difference(new Set(['500 ', '429 limit exceeded\n']))).toEqual(new Set());
  });
  it('does not hold for certificate and health', async () => {
    for (const path of ['/v1/cert.pem', '/healthz'])
      expect(new Set(statuses(await inARow(path, 12)))).toEqual(new Set([200]));
  });
});

describe('--read-timeout', () => {
  it.each([
    ['no request begins', '', ''],
    ['a request does not come whole', 'GET /healthz HTTP/1.1\r\nHo', '400 Bad Request'],
  ])('ends a connection on which %s', async (_what, begun, words) => {
    const heard = await exchange(holder.world.controller.url, begun);
    expect(answerIn(heard).body).toBe(words);
    expect(heard.isEndedByServer).toBe(true);
    expect(heard.durationMs).toBeGreaterThan(900);
  });
  it('refuses a body that does not come', async () => {
    const { url } = holder.world.controller;
    const begun = [head('POST', '/v1/rotate', 'Content-Length: 9'), 'hello'];
    const heard = await eventually('a place in the rate', async () => {
      const each = await exchange(url, ...begun);
      return answerIn(each).status === 429 ? undefined : each;
    });
    expect(answerIn(heard)).toEqual({ status: 400, body: '' });
    expect(heard.durationMs).toBeGreaterThan(900);
  });
});

describe('--write-timeout', () => {
  it('ends the connection of a peer that does not take its answers', async () => {
    const { hostname, port } = new URL(holder.world.controller.url);
    const socket = connect({ host: hostname, port: Number(port) }).pause();
    const isGone = new Promise((resolve) => socket.once('error', resolve).once('close', resolve));
    const request = head('GET', '/v1/cert.pem').repeat(100);
    const startedMs = performance.now();
    const pump = setInterval(() => socket.write(request), 10); // far more answers than buffers hold
    await isGone;
    clearInterval(pump);
    socket.destroy();
    expect(performance.now() - startedMs).toBeGreaterThan(1_900);
  });
});
