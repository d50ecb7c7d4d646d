import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../../test/support/time/patience.ts';
import { failureOf, type Handler, refuse, reply, serve } from '../testing/scripted-server.ts';
import type { ResourceType } from './types.ts';

const SECRETS: ResourceType = { group: '', version: 'v1', plural: 'secrets' };
const SEALED: ResourceType = { group: 'bitnami.com', version: 'v1alpha1', plural: 'sealedsecrets' };
const key = { namespace: 'n', name: 'a' };

describe('ApiClient', () => {
  it('asks for the right paths with the right bodies and types', async () => {
    const asked: string[] = [];
    const { client } = await serve((request, response) => {
      const type = request.headers['content-type'] ?? '-';
      asked.push(`${request.method} ${request.url} ${type} ${request.text || '-'}`);
      reply(response, 200, { metadata: { name: 'a' } });
    });
    const object = { metadata: { namespace: 'n', name: 'a' } };
    await client.get(SECRETS, key);
    await client.create(SEALED, object);
    await client.replace(SEALED, object, { subresource: 'status' });
    await client.patch(SECRETS, key, { x: 1 });
    await client.delete(SECRETS, key, { uid: 'u' });
    await client.get({ group: '', version: 'v1', plural: 'namespaces' }, { namespace: '', name: 'n' });
    const sent = JSON.stringify(object);
    expect(asked).toEqual([
      'GET /api/v1/namespaces/n/secrets/a - -',
      `POST /apis/bitnami.com/v1alpha1/namespaces/n/sealedsecrets application/json ${sent}`,
      `PUT /apis/bitnami.com/v1alpha1/namespaces/n/sealedsecrets/a/status application/json ${sent}`,
      'PATCH /api/v1/namespaces/n/secrets/a application/merge-patch+json {"x":1}',
      'DELETE /api/v1/namespaces/n/secrets/a application/json {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u"}}',
      'GET /api/v1/namespaces/n - -',
    ]);
  });

  it('names its field manager in each write: what a proxy makes of the User-Agent does not count', async () => {
    const asked: string[] = [];
    const { client } = await serve(
      (request, response) => {
        asked.push(`${request.method} ${request.url}`);
        reply(response, 200, { metadata: { name: 'a' } });
      },
      { fieldManager: 'me & you' },
    );
    const object = { metadata: { namespace: 'n', name: 'a' } };
    await client.create(SECRETS, object);
    await client.replace(SEALED, object, { subresource: 'status' });
    await client.patch(SECRETS, key, { x: 1 });
    await client.within(1_000).patch(SECRETS, key, { x: 1 });
    await client.get(SECRETS, key);
    await client.delete(SECRETS, key);
    expect(asked).toEqual([
      'POST /api/v1/namespaces/n/secrets?fieldManager=me+%26+you',
      'PUT /apis/bitnami.com/v1alpha1/namespaces/n/sealedsecrets/a/status?fieldManager=me+%26+you',
      'PATCH /api/v1/namespaces/n/secrets/a?fieldManager=me+%26+you',
      'PATCH /api/v1/namespaces/n/secrets/a?fieldManager=me+%26+you',
      'GET /api/v1/namespaces/n/secrets/a',
      'DELETE /api/v1/namespaces/n/secrets/a',
    ]);
  });

  it('asks for metadata alone where that is enough, and takes whole objects too', async () => {
    const asked: string[] = [];
    const { client } = await serve((request, response) => {
      asked.push(`${request.url} ${request.headers.accept}`);
      reply(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
    });
    const query = { namespace: 'n', isMetadataOnly: true };
    await client.list(SECRETS, query);
    for await (const _event of client.watch(SECRETS, query, new AbortController().signal));
    await client.list(SECRETS, {});
    const partial = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
    expect(asked).toEqual([
      `/api/v1/namespaces/n/secrets ${partial('PartialObjectMetadataList')}`,
      `/api/v1/namespaces/n/secrets?watch=true ${partial('PartialObjectMetadata')}`,
      '/api/v1/secrets application/json',
    ]);
  });

  it.each(['', '.', '..'])('sends nothing for an object named %j', async (name) => {
    const { client } = await serve((_request, response) => reply(response, 200, { metadata: {} }));
    await expect(client.get(SECRETS, { namespace: 'n', name })).rejects.toMatchObject({
      code: 'ERR_MANIFEST_INVALID',
    });
  });

  it('keeps a name with slashes in its place of the path', async () => {
    let url: string | undefined;
    const { client } = await serve((request, response) => {
      url = request.url;
      reply(response, 200, { metadata: {} });
    });
    await client.get(SECRETS, { namespace: 'n', name: '../../x?y' });
    expect(url).toBe('/api/v1/namespaces/n/secrets/..%2F..%2Fx%3Fy');
  });

  it.each([
    [
      'ERR_NAMESPACE_TERMINATING',
      'secrets "x" is forbidden: unable to create new content in namespace n because it is being terminated',
    ],
    ['ERR_API_REJECTED', 'admission webhook "a.b" denied the request: n is being terminated'],
  ])('is answered with %s where the server names that cause and says: %s', async (code, message) => {
    const details = { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] };
    const { client } = await serve((_request, response) =>
      reply(response, 403, { kind: 'Status', code: 403, reason: 'Forbidden', message, details }),
    );
    const object = { metadata: { namespace: 'n', name: 'x' } };
    expect(await failureOf(client.create(SECRETS, object))).toMatchObject({ code });
  });

  it('repeats no sealed value that a refusal of a SealedSecret quotes, and names as they are', async () => {
    const sealed = `AgB${'x9/+Kq'.repeat(100)}==`;
    const name = 'a'.repeat(100);
    const message = `admission webhook "a.b" denied the request: ${name} holds ${sealed}`;
    const { client } = await serve((_request, response) =>
      reply(response, 403, { kind: 'Status', code: 403, reason: 'Forbidden', message }),
    );
    const sealedSecrets = { group: 'bitnami.com', version: 'v1alpha1', plural: 'sealedsecrets' };
    const failure = await failureOf(
      client.replace(sealedSecrets, { metadata: { namespace: 'n', name: 'x' } }),
    );
    expect(failure).toMatchObject({
      message: `admission webhook "a.b" denied the request: ${name} holds [sealed value]`,
    });
  });

  it('takes an absent object as undefined, and its deletion as done', async () => {
    const { client } = await serve(refuse(404, 'NotFound'));
    expect(await client.get(SECRETS, key)).toBeUndefined();
    await expect(client.delete(SECRETS, key)).resolves.toBeUndefined();
    expect(await failureOf(client.patch(SECRETS, key, {}))).toMatchObject({ code: 'ERR_API_REJECTED' });
  });

  it.each([
    [409, 'AlreadyExists', 'ERR_CONFLICT'],
    [403, 'Forbidden', 'ERR_API_REJECTED'],
    [422, 'Invalid', 'ERR_API_REJECTED'],
    [410, 'Expired', 'ERR_API_REJECTED'],
    [429, 'TooManyRequests', 'ERR_API_UNAVAILABLE'],
    [500, 'InternalError', 'ERR_API_UNAVAILABLE'],
    [503, 'ServiceUnavailable', 'ERR_API_UNAVAILABLE'],
  ])(
    'maps status %i %s to %s and keeps status, reason, message and Retry-After',
    async (status, reason, code) => {
      const { client } = await serve(refuse(status, reason, 'because', { 'retry-after': '7' }));
      expect(await failureOf(client.create(SEALED, { metadata: key }))).toEqual({
        code,
        message: 'because',
        failure: { status, reason, retryAfterMs: 7_000 },
      });
    },
  );

  it('knows what the storage finds too large, which the API server calls a fault of its own', async () => {
    const { client } = await serve(refuse(500, '', 'etcdserver: request is too large'));
    expect(await failureOf(client.replace(SEALED, { metadata: key }))).toMatchObject({
      code: 'ERR_OBJECT_TOO_LARGE',
      failure: { status: 413, reason: 'RequestEntityTooLarge' },
    });
  });

  it('describes a refusal that is no Status object by request and status', async () => {
    const { client } = await serve((_request, response) => reply(response, 502, '<html>bad gateway</html>'));
    expect(await failureOf(client.list(SECRETS, { limit: 1 }))).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
      message: 'GET /api/v1/secrets: HTTP status 502',
    });
  });

  it('keeps values of Secrets out of messages', async () => {
    const { client } = await serve(
      refuse(400, 'hunter22', 'admission webhook "w.example.com" denied the request: hunter22 is too weak'),
    );
    const secret = { metadata: key, stringData: { password: 'hunter22' } };
    const { message, failure } = await failureOf(client.create(SECRETS, secret));
    expect(message).toBe('admission webhook "w.example.com" denied the request');
    expect(failure?.reason).toBe('');
  });

  it('asks for fresh credentials after a 401, once', async () => {
    const tokens: (string | undefined)[] = [];
    const { client } = await serve(
      (request, response) => {
        tokens.push(request.headers.authorization);
        if (request.headers.authorization === 'fresh') reply(response, 200, { metadata: { name: 'a' } });
        else void refuse(401, 'Unauthorized')(request, response);
      },
      { authorization: async (wasRefused) => ({ authorization: wasRefused ? 'fresh' : 'stale' }) },
    );
    expect((await client.get(SECRETS, key))?.metadata.name).toBe('a');
    expect(tokens).toEqual(['stale', 'fresh']);
  });

  it('says what is wrong when nobody listens', async () => {
    const { client, server } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const failed = await failureOf(client.get(SECRETS, key));
    expect(failed).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
      failure: { status: 0, reason: 'ECONNREFUSED' },
    });
    expect(failed.message).toContain('cannot talk to the API server');
  });

  it.each([
    ['headers', () => undefined],
    ['the rest of a body', (_: unknown, response: ServerResponse) => response.writeHead(200).write('{"meta')],
  ])('gives up when %s do not come in time', async (_what, handler) => {
    const { client } = await serve(handler as Handler, {
      requestTimeoutMs: 50,
      connectTimeoutMs: PATIENCE_MS,
    });
    expect(await failureOf(client.get(SECRETS, key))).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
      failure: { status: 0, reason: 'Timeout' },
    });
  });

  it('repeats a read once when the connection breaks, and never a write', async () => {
    let count = 0;
    const { client } = await serve((request, response) => {
      count += 1;
      if (count === 1 || request.method !== 'GET') response.destroy();
      else reply(response, 200, { metadata: { name: 'a' } });
    });
    expect((await client.get(SECRETS, key))?.metadata.name).toBe('a');
    count = 0;
    expect(await failureOf(client.create(SECRETS, { metadata: key }))).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
    });
    expect(count).toBe(1);
  });

  it('keeps connections for requests one after the other', async () => {
    const { client, server } = await serve((_request, response) => reply(response, 200, { metadata: {} }));
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    for (let index = 0; index < 20; index += 1) await client.get(SECRETS, key);
    // Two: the answer is complete a moment before its connection is free again.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('refuses an answer that is too large', async () => {
    const { client } = await serve(
      (_request, response) => reply(response, 200, { metadata: { x: 'y'.repeat(2_000) } }),
      {
        maxBytes: 1_000,
      },
    );
    expect(await failureOf(client.get(SECRETS, key))).toMatchObject({
      failure: { reason: 'ResponseTooLarge' },
    });
  });

  it.each(['not json', '[]', '{"kind":"SecretList"}'])('refuses the list %s', async (body) => {
    const { client } = await serve((_request, response) => reply(response, 200, body));
    expect(await failureOf(client.list(SECRETS, {}))).toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
  });

  it('reads a list without items, which the API server writes as null', async () => {
    const list = { kind: 'PartialObjectMetadataList', metadata: { resourceVersion: '7' }, items: null };
    const { client } = await serve((_request, response) => reply(response, 200, list));
    expect(await client.list(SECRETS, {})).toEqual({ items: [], resourceVersion: '7' });
  });

  it('lists pages, fills in the type of items and skips what is no object', async () => {
    const items = [{ metadata: { name: 'a' } }, null, 3, { kind: 'Other', metadata: { name: 'b' } }];
    const metadata = { resourceVersion: '7', continue: 'next' };
    const { client } = await serve((_request, response) =>
      reply(response, 200, { apiVersion: 'v1', kind: 'SecretList', metadata, items }),
    );
    expect(await client.list(SECRETS, { limit: 2 })).toEqual({
      items: [
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } },
        { kind: 'Other', metadata: { name: 'b' } },
      ],
      resourceVersion: '7',
      continue: 'next',
    });
  });
});
