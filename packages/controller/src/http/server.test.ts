import { encodeBase64, KeyRing, type SealedSecret } from '@fuin/crypto-core';
import { afterEach, describe, expect, it } from 'vitest';
import { watchedKey } from '../../../../test/support/watched-key.ts';
import { CANARY, httpScene, post, SECRET } from '../testing/http-scene.ts';
import type { HttpDeps } from './server.ts';

const scene = await httpScene();
const { newest, sealed } = scene;
afterEach(() => scene.close());

const server = (overrides?: Partial<HttpDeps>) => scene.server(overrides);

describe('health', () => {
  it.each(['GET', 'POST', 'HEAD', 'DELETE'] as const)('answers ok to %s /healthz', async (method) => {
    const answer = await server({ isReady: () => false }).inject({ method, url: '/healthz' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    if (method !== 'HEAD') expect(answer.body).toBe('ok\n');
  });
  it('is not live once a loop is stuck', async () => {
    expect((await server({ isLive: () => false }).inject('/healthz')).statusCode).toBe(503);
  });
  it('is ready only after it was set ready', async () => {
    expect((await server({ isReady: () => false }).inject('/readyz')).statusCode).toBe(503);
    expect((await server().inject('/readyz')).statusCode).toBe(200);
  });
  it('/readyz reports allowed signers that cannot be used, which other namespaces do not need', async () => {
    expect(await server({ hasNoSigners: () => true }).inject('/readyz')).toMatchObject({
      statusCode: 200,
      body: 'ok\nthe file of allowed signers cannot be used: see the log\n',
    });
  });
  it.each<[string, Partial<HttpDeps>]>([
    ['', {}],
    ['', { isAuditFailing: () => false }],
    ['1 sealing key cannot be unwrapped: see the log\n', { lockedKeys: () => 1 }],
    ['2 sealing keys cannot be unwrapped: see the log\n', { lockedKeys: () => 2 }],
    ['the audit log cannot be written: see the log\n', { isAuditFailing: () => true }],
  ])('/readyz is ready and says beside that: %j', async (more, deps) => {
    expect(await server(deps).inject('/readyz')).toMatchObject({ statusCode: 200, body: `ok\n${more}` });
  });
  it.each(['/', '/v1/verify/', '/v1', '/%zz', '/%00', '//healthz'])(
    'answers 404 like upstream to %s',
    async (url) => {
      const answer = await server().inject(url);
      expect(answer).toMatchObject({ statusCode: 404, body: '404 page not found\n' });
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    },
  );
});

describe('/v1/cert.pem', () => {
  it.each(['GET', 'POST', 'PUT', 'PROPFIND', 'QUERY', 'TRACE'])(
    'gives the newest certificate and no other to %s',
    async (method) => {
      const answer = await server().inject({ method: method as 'GET', url: '/v1/cert.pem' });
      expect(answer).toMatchObject({ statusCode: 200, body: newest.published });
      expect(answer.headers['content-type']).toBe('application/x-pem-file');
      expect(answer.body.match(/BEGIN/g)).toHaveLength(1);
    },
  );
  it('does not look at a body of any size', async () => {
    expect((await post(server(), '/v1/cert.pem', 'x'.repeat(5_000_000))).statusCode).toBe(200);
  });
  it('says that it has none before there is a key, and when to ask again', async () => {
    const answer = await server({ keys: { keyRing: KeyRing.of(), newest: undefined, offeredV2: [] } }).inject(
      '/v1/cert.pem',
    );
    expect(answer).toMatchObject({ statusCode: 500, body: 'cannot get certificate\n' });
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('/v1/verify', () => {
  it.each([
    ['JSON', 'application/json'],
    ['anything at all', 'no/such; type"'],
    ['a form', 'application/x-www-form-urlencoded'],
  ])('answers 200 and nothing else to what opens, sent as %s', async (_name, type) => {
    const answer = await post(server(), '/v1/verify', sealed, { 'content-type': type });
    expect(answer).toMatchObject({ statusCode: 200, body: '' });
  });
  it.each(['GET', 'PUT', 'DELETE', 'PROPFIND'])('accepts a body with %s', async (method) => {
    const payload = JSON.stringify(sealed);
    const answer = await server().inject({ method: method as 'GET', url: '/v1/verify', payload });
    expect(answer.statusCode).toBe(200);
  });
  it('reads YAML', async () => {
    const { stringify } = await import('yaml');
    expect((await post(server(), '/v1/verify', stringify(sealed))).statusCode).toBe(200);
  });
  it('answers every way of failing alike', async () => {
    const envelope = sealed.spec.encryptedData['password'] ?? '';
    const broken = (encryptedData: Record<string, string>) => ({
      ...sealed,
      spec: { ...sealed.spec, encryptedData },
    });
    const failing = [
      broken({ password: 'AgA=' }),
      broken({ password: '!!!' }),
      broken({ password: '' }),
      broken({ password: `${envelope.slice(0, -8)}AAAAAAA=` }),
      broken({ password: envelope, other: 'AgA=' }),
      { ...sealed, metadata: { ...sealed.metadata, namespace: 'green' } },
      {
        ...sealed,
        metadata: { ...sealed.metadata, annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
      },
    ];
    const answers = await Promise.all(failing.map((each) => post(server(), '/v1/verify', each)));
    const shapes = answers.map(({ statusCode, body, headers }) =>
      JSON.stringify([statusCode, body, headers['content-type']]),
    );
    expect(new Set(shapes)).toEqual(new Set([JSON.stringify([409, '', undefined])]));
  });
  it.each(['', 'no: secret', '[', '{"kind":"SealedSecret"}', 'a: b\n---\nc: d', '\u0000'])(
    'answers 500 and nothing else to %j, which is no SealedSecret',
    async (payload) => {
      const app = server();
      for (const url of ['/v1/verify', '/v1/rotate', '/v1/bulk/verify'])
        expect(await post(app, url, payload)).toMatchObject({ statusCode: 500, body: '' });
      // the controller is not at fault
      expect(app.log.lines.filter((line) => line.startsWith('ERROR'))).toEqual([]);
    },
  );
  it('renders no template: the answer tells nothing about the plaintext', async () => {
    const data = {
      x: '{{ fail "x" }}',
      y: '{{ if eq .password "canary-7f3a" }}{{ fail "yes" }}{{ end }}',
      z: '{{',
    };
    const asking = { ...sealed, spec: { ...sealed.spec, template: { data } } };
    expect((await post(server(), '/v1/verify', asking)).statusCode).toBe(200);
  });
  it('accepts legacy data only if the flag allows it', async () => {
    const envelope = sealed.spec.encryptedData['password'];
    const legacy = { ...sealed, spec: { data: envelope } };
    expect((await post(server(), '/v1/verify', legacy)).statusCode).toBe(200);
    expect((await post(server({ acceptV1Data: false }), '/v1/verify', legacy)).statusCode).toBe(409);
    const { encryptedData } = sealed.spec;
    for (const spec of [{ data: 'AgA=' }, { data: '' }, { data: envelope, encryptedData }])
      expect((await post(server(), '/v1/verify', { ...sealed, spec })).statusCode).toBe(409);
    expect((await post(server(), '/v1/verify', { ...sealed, spec: {} })).statusCode).toBe(200);
  });
  it.each(['/v1/verify', '/v1/rotate', '/v1/bulk/verify', '/v1/bulk/rotate'])(
    'is no answer of %s that a key is at fault: that is 500, and a line of the log',
    async (url) => {
      const faulty = { ...watchedKey(newest.keyPair, () => undefined), mayOpen: () => true };
      const open = () => Promise.reject(new Error(CANARY));
      const keyRing = KeyRing.of({ ...faulty, open });
      const app = server({ keys: { keyRing, newest, offeredV2: [] } });
      const answer = await post(app, url, url.includes('bulk') ? { items: [sealed] } : sealed);
      expect(answer).toMatchObject({ statusCode: 500, body: '' });
      expect(app.log.lines.filter((line) => line.startsWith('ERROR'))).toEqual([
        `ERROR request failed {"path":"${url}"}`,
      ]);
    },
  );
  it('waits for the first key instead of answering no', async () => {
    const answer = await post(
      server({ keys: { keyRing: KeyRing.of(), newest: undefined, offeredV2: [] } }),
      '/v1/verify',
      sealed,
    );
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('/v1/rotate', () => {
  it('seals every item for the newest key and keeps the template byte for byte', async () => {
    const template = { type: 'x', metadata: { labels: { a: 'b' } }, data: { file: '{{ .password }}' } };
    const answer = await post(server(), '/v1/rotate', { ...sealed, spec: { ...sealed.spec, template } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    const rotated = JSON.parse(answer.body) as SealedSecret;
    expect(rotated.spec.template).toEqual(template);
    expect(rotated.metadata).toEqual({ namespace: 'blue', name: 'db' });
    const onlyNewest = server({ keys: { keyRing: KeyRing.of(newest.keyPair), newest, offeredV2: [] } });
    expect((await post(onlyNewest, '/v1/verify', rotated)).statusCode).toBe(200);
    expect((await post(onlyNewest, '/v1/verify', sealed)).statusCode).toBe(409);
  });
  it('takes the scope from the label that opened the values, never from the template (CVE-2026-22728)', async () => {
    const annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const template = { metadata: { annotations } };
    const answer = await post(server(), '/v1/rotate', { ...sealed, spec: { ...sealed.spec, template } });
    const rotated = JSON.parse(answer.body) as SealedSecret;
    expect(rotated.metadata.annotations).toBeUndefined();
    const widened = { ...rotated, metadata: { namespace: 'green', name: 'x', annotations } };
    expect((await post(server(), '/v1/verify', widened)).statusCode).toBe(409);
  });
  it('answers every way of failing with 500 and nothing else', async () => {
    const failing = [
      'garbage',
      '{"kind":"SealedSecret"}',
      { ...sealed, metadata: { namespace: 'green', name: 'db' } },
      { ...sealed, spec: { encryptedData: { password: '!' } } },
      { ...sealed, spec: { data: sealed.spec.encryptedData['password'] } },
    ];
    for (const each of failing) {
      const { statusCode, body, headers } = await post(server(), '/v1/rotate', each);
      expect([statusCode, body, headers['content-type']]).toEqual([500, '', undefined]);
    }
  });
});

describe('metrics and log', () => {
  it("counts requests under upstream's names and labels, health checks not among them", async () => {
    const app = server();
    await app.inject('/healthz');
    await app.inject('/v1/cert.pem');
    await post(app, '/v1/verify', 'garbage');
    const text = await app.metrics.registry.metrics();
    expect(text).toContain(
      'sealed_secrets_controller_http_requests_total{path="/v1/cert.pem",method="get",code="200"} 1',
    );
    expect(text).toContain(
      'sealed_secrets_controller_http_requests_total{path="/v1/verify",method="post",code="500"} 1',
    );
    expect(text).toContain(
      'sealed_secrets_controller_http_request_duration_seconds_bucket{le="0.005",path="/v1/cert.pem",method="get"}',
    );
    expect(text).not.toContain('healthz');
  });
  it('counts methods that upstream does not distinguish as unknown', async () => {
    const app = server();
    await app.inject({ method: 'PROPFIND' as 'GET', url: '/v1/cert.pem' });
    expect(await app.metrics.registry.metrics()).toContain(
      '{path="/v1/cert.pem",method="unknown",code="200"} 1',
    );
  });
  it('logs at DEBUG who asked to open something and the result, and nothing that the peer wrote', async () => {
    const app = server();
    await post(app, '/v1/verify?canary', sealed, { 'x-canary': 'canary' });
    await post(app, '/v1/rotate', 'canary');
    await app.inject('/v1/cert.pem');
    const lines = app.log.lines.map((line) => line.replace(/"durationMs":\d+/, '"durationMs":N'));
    const fields = '"method":"POST","code":CODE,"peer":"127.0.0.1","durationMs":N';
    expect(lines).toEqual([
      `DEBUG request answered {"path":"/v1/verify",${fields.replace('CODE', '200')}}`,
      `DEBUG request answered {"path":"/v1/rotate",${fields.replace('CODE', '500')}}`,
    ]);
  });
  it('reveals nothing of what it opened', async () => {
    const app = server();
    const answers = await Promise.all([
      post(app, '/v1/verify', sealed),
      post(app, '/v1/rotate', sealed),
      post(app, '/v1/verify', SECRET),
    ]);
    const said = [
      ...answers.map(({ raw }) => JSON.stringify([raw.res.getHeaders(), answers.map(({ body }) => body)])),
      ...app.log.lines,
      await app.metrics.registry.metrics(),
    ].join('\n');
    expect(said).not.toContain(CANARY);
    expect(said).not.toContain(encodeBase64(new TextEncoder().encode(CANARY)));
  });
});
