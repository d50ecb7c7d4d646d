import { describe, expect } from 'vitest';
import { stringify } from 'yaml';
import type { ApiObject } from '../support/api/types.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { answerIn, END, exchange, head } from './sockets.ts';

const holder = useWorld('--rate-limit=1000', '--rate-limit-burst=1000');
const MIB = 1_048_576;
const CHUNKED = 'Transfer-Encoding: chunked';

const sealed = () => holder.world.seal({ namespace: 'blue', name: 'db' }, { a: '1' });

async function twoDocuments(): Promise<string> {
  const text = stringify(await sealed());
  return `${text}---\n${text}`;
}

async function send(path: string, body: BodyInit | null, init: RequestInit = {}) {
  const answer = await fetch(holder.world.controller.url + path, { method: 'POST', body, ...init });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

describe('verify and rotate', () => {
  it.each(['/v1/verify', '/v1/rotate'])('%s reads JSON and YAML, whatever the type says', async (path) => {
    const object = await sealed();
    for (const body of [JSON.stringify(object), stringify(object)]) {
      for (const type of ['application/json', 'application/x-www-form-urlencoded', 'no type at all'])
        expect(await send(path, body, { headers: { 'content-type': type } })).toMatchObject({ status: 200 });
    }
  });
  it.each([
    ['nothing', () => ''],
    ['text', () => 'hello'],
    ['a Secret', () => '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}'],
  ])('answer 500 and nothing else to what is no SealedSecret: %s', async (_what, bodyOf) => {
    const body = bodyOf();
    for (const path of ['/v1/verify', '/v1/rotate'])
      expect(await send(path, body)).toEqual({ status: 500, type: null, body: '' });
  });
  it('verify takes one document, not two', async () => {
    expect(await send('/v1/verify', await twoDocuments())).toEqual({ status: 500, type: null, body: '' });
  });
  it('rotate takes one document, not two', async () => {
    expect(await send('/v1/rotate', await twoDocuments())).toEqual({ status: 500, type: null, body: '' });
  });
  it('rotate answers 500 and nothing else to what cannot be opened', async () => {
    const object = await sealed();
    const moved = { ...object, metadata: { namespace: 'green', name: 'db' } };
    const broken = { ...object, spec: { encryptedData: { a: 'AgBy', b: '*' } } };
    for (const each of [moved, broken])
      expect(await send('/v1/rotate', JSON.stringify(each))).toEqual({ status: 500, type: null, body: '' });
  });
  it.each([
    ['a chunk of no length', [CHUNKED], ['ZZ\r\n']],
    ['a later chunk of no length', [CHUNKED], ['5\r\nhello\r\n', 'ZZ\r\n']],
    ['less than was announced', ['Content-Length: 9'], ['hello', END]],
    ['no last chunk', [CHUNKED], ['5\r\nhello\r\n', END]],
  ] as const)(
    'answer 400 and nothing else when the body cannot be read: %s',
    async (_what, headers, pieces) => {
      for (const path of ['/v1/verify', '/v1/rotate']) {
        const heard = await exchange(holder.world.controller.url, head('POST', path, ...headers), ...pieces);
        expect(answerIn(heard)).toEqual({ status: 400, body: '' });
      }
    },
  );
  it.each([
    ['announced, and sent to its end', [`Content-Length: ${8 * MIB}`], [new Uint8Array(8 * MIB)]],
    ['announced, and waited with', [`Content-Length: ${8 * MIB}`], []],
    ['in chunks', [CHUNKED], ['800000\r\n', new Uint8Array(8 * MIB), '\r\n0\r\n\r\n']],
  ] as const)('answer 413 to a body of more than 3 MiB: %s', async (_how, headers, pieces) => {
    for (const path of ['/v1/verify', '/v1/rotate']) {
      const heard = await exchange(holder.world.controller.url, head('POST', path, ...headers), ...pieces);
      expect(answerIn(heard)).toEqual({ status: 413, body: '' });
    }
  });
});

describe('every path', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'])(
    'takes %s, with and without a body',
    async (method) => {
      const body = method === 'GET' || method === 'HEAD' ? null : JSON.stringify(await sealed());
      expect(await send('/healthz', null, { method })).toMatchObject({ status: 200 });
      expect(await send('/v1/cert.pem', body, { method })).toMatchObject({ status: 200 });
      for (const path of ['/v1/verify', '/v1/rotate'])
        expect(await send(path, body, { method })).toMatchObject({ status: body === null ? 500 : 200 });
    },
  );
  it('that reads no body does not mind its size', async () => {
    expect(await send('/v1/cert.pem', new Uint8Array(4 * MIB))).toMatchObject({ status: 200 });
  });
  it.each(['/', '/nope', '/v1', '/v1/', '/v1/cert', '/v1/verify/', '/V1/verify', '/healthz/'])(
    'but the known ones is not found: %s',
    async (path) => {
      expect(await send(path, 'x')).toEqual({
        status: 404,
        type: 'text/plain; charset=utf-8',
        body: '404 page not found\n',
      });
    },
  );
});

describe('what rotate answers', () => {
  it('has the template byte for byte, and the scope of the label that opened it', async () => {
    const { world } = holder;
    const object = await sealed();
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const template = { metadata: { annotations, labels: { app: 'shop' } }, data: { file: 'a={{ .a }}' } };
    const spec = object['spec'] as object;
    const answer = await send('/v1/rotate', JSON.stringify({ ...object, spec: { ...spec, template } }));
    const rotated = JSON.parse(answer.body) as ApiObject & { spec: { template: object } };
    expect(answer.type).toBe('text/plain; charset=utf-8');
    expect(JSON.stringify(rotated.spec.template)).toBe(JSON.stringify(template));
    expect(rotated.metadata).toEqual({ namespace: 'blue', name: 'db' });
    const widened = { ...rotated, metadata: { namespace: 'green', name: 'x', annotations } };
    expect(await send('/v1/verify', JSON.stringify(rotated))).toMatchObject({ status: 200 });
    expect(await send('/v1/verify', JSON.stringify(widened))).toMatchObject({ status: 409 });
    expect(await world.metrics()).toContain(
      'http_requests_total{path="/v1/rotate",method="post",code="200"}',
    );
  });
});
