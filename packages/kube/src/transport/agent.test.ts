import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createServerCertificate } from '../../../../test/apiserver/src/access/certificate.ts';
import { Wire } from '../../../../test/faults/wire.ts';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../../test/support/cluster/embedded-cluster.ts';
import { startProxy as startTestProxy } from '../../../kubeseal-cli/src/testing/servers/proxy.ts';
import { startSocks5 } from '../../../kubeseal-cli/src/testing/servers/socks5.ts';
import { findServer } from '../access/find-server.ts';
import type { ServerAccess, TlsMaterial } from '../access/server-access.ts';
import { createApiClient } from '../client/client.ts';
import type { ApiClient } from '../client/types.ts';
import { failureOf } from '../testing/scripted-server.ts';
import type { TransportOptions } from './transport.ts';

const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces' };
const key = { namespace: '', name: 'default' };

let cluster: EmbeddedCluster;
let access: ServerAccess;

beforeAll(async () => {
  cluster = await startEmbeddedCluster();
  access = await findServer({ kubeconfig: cluster.adminKubeconfig, env: {} });
});

afterAll(() => cluster.stop());

function clientOf(changed: Partial<ServerAccess>, options?: TransportOptions): ApiClient {
  const client = createApiClient({ ...access, ...changed }, options);
  onTestFinished(() => client.close());
  return client;
}

describe('connections', () => {
  it('trust no certificate but those of the given CA, and notice when it is replaced', async () => {
    let tls: TlsMaterial = {};
    const client = clientOf({ tls: async () => tls });
    expect(await failureOf(client.get(NAMESPACES, key))).toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
    tls = await access.tls();
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
  });

  it('verify the name that tls-server-name gives', async () => {
    const { ca = '' } = await access.tls();
    const client = clientOf({ tls: async () => ({ ca, servername: 'other.test' }) });
    expect(await failureOf(client.get(NAMESPACES, key))).toMatchObject({
      failure: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('go through a proxy when one is named', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await startProxy(asked);
    const client = clientOf({ proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
    expect(asked).toEqual([new URL(access.server).host]);
  });
});

describe('a proxy that the environment names', () => {
  const portOf = () => Number(new URL(access.server).port);
  /** The server under a name that only the proxy resolves: this machine is never proxied. */
  const elsewhere = async () => ({
    server: `https://api.example.com:${portOf()}`,
    tls: async () => ({ ...(await access.tls()), servername: 'localhost' }),
  });

  it('carries requests and watches', async () => {
    const proxy = await startTestProxy(portOf());
    onTestFinished(() => proxy.stop());
    const client = clientOf(await elsewhere(), { env: { HTTPS_PROXY: proxy.url } });
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
    expect(proxy.seen[0]).toMatch(/^CONNECT api.example.com:/);
  });
  it.each(['http', 'socks5'])('of scheme %s is no obstacle to a CA that is replaced', async (scheme) => {
    const proxy = scheme === 'http' ? await startTestProxy(portOf()) : await startSocks5(portOf());
    onTestFinished(() => proxy.stop());
    const url = 'url' in proxy ? proxy.url : `${scheme}://${proxy.address}`;
    const { server, tls: readTls } = await elsewhere();
    let tls: TlsMaterial = {};
    const client = clientOf({ server, tls: async () => tls }, { env: { HTTPS_PROXY: url } });
    expect(await failureOf(client.get(NAMESPACES, key))).toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
    tls = await readTls();
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
  });
  it.each(['socks5', 'socks5h'])('may be of scheme %s', async (scheme) => {
    const proxy = await startSocks5(portOf());
    onTestFinished(() => proxy.stop());
    const client = clientOf(await elsewhere(), { env: { HTTPS_PROXY: `${scheme}://${proxy.address}` } });
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
    expect(proxy.seen).toEqual([`api.example.com:${portOf()}`]);
  });
  it('is passed over for what NO_PROXY names, and for the proxy of the kubeconfig', async () => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '.example.com' };
    const proxy = await startSocks5(portOf());
    onTestFinished(() => proxy.stop());
    const direct = clientOf(await elsewhere(), { env });
    expect(await failureOf(direct.get(NAMESPACES, key))).toMatchObject({
      failure: { reason: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) },
    });
    const proxied = clientOf({ ...(await elsewhere()), proxyUrl: `socks5://${proxy.address}` }, { env });
    expect((await proxied.get(NAMESPACES, key))?.metadata.name).toBe('default');
  });
  it('that cannot be used is an error at once, without its password', () => {
    const env = { HTTPS_PROXY: 'ftp://user:hunter2@proxy' };
    expect(() => createApiClient({ ...access, server: 'https://api.example.com' }, { env })).toThrow(
      /^the address of the proxy cannot be used: (?!.*hunter2)/,
    );
  });
  it('that refuses is reported without the password of the proxy', async () => {
    const env = { HTTPS_PROXY: 'socks5://user:hunter2@127.0.0.1:1' };
    const { message, failure } = await failureOf(clientOf(await elsewhere(), { env }).get(NAMESPACES, key));
    expect({ message, failure }).toMatchObject({
      message: expect.stringContaining('SOCKS proxy: connect ECONNREFUSED'),
      failure: { reason: 'ECONNREFUSED' },
    });
    expect(message).not.toContain('hunter2');
  });
});

describe('a client certificate', () => {
  it('that was renewed after a 401 is shown at once, on a new connection', async () => {
    const [old, renewed] = [createServerCertificate(['old']), createServerCertificate(['renewed'])];
    const shown: string[] = [];
    const { key: serverKey, certificate } = createServerCertificate(['127.0.0.1']);
    const server = createHttpsServer(
      { key: serverKey, cert: certificate, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { fingerprint256 } = (request.socket as TLSSocket).getPeerCertificate();
        const isRenewed = fingerprint256 === new X509Certificate(renewed.certificate).fingerprint256;
        shown.push(isRenewed ? 'renewed' : 'old');
        response.writeHead(isRenewed || shown.length === 1 ? 200 : 401, {
          'content-type': 'application/json',
        });
        response.end(JSON.stringify({ metadata: { name: 'default' } }));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    let pair = old;
    const client = clientOf({
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tls: async () => ({ ca: certificate, cert: pair.certificate, key: pair.key }),
      authorization: async (wasRefused) => {
        if (wasRefused) pair = renewed;
        return {};
      },
    });
    await client.get(NAMESPACES, key);
    await client.get(NAMESPACES, key);
    expect(shown).toEqual(['old', 'old', 'renewed']);
  });
});

describe('HTTP/2', () => {
  it('is spoken where the server offers it: requests beside a watch share one connection', async () => {
    const server = await startHttp2Server();
    const client = clientOf(accessTo(server));
    const stop = new AbortController();
    const watch = client.watch(NAMESPACES, {}, stop.signal);
    const first = watch[Symbol.asyncIterator]().next();
    await Promise.all(Array.from({ length: 50 }, () => client.get(NAMESPACES, key)));
    stop.abort();
    await first;
    expect(server).toMatchObject({ versions: new Set(['2.0']), connections: 1 });
  });

  it.each([
    ['the connection breaks', (session: Http2Session) => session.destroy()],
    ['the server gives the connection up', (session: Http2Session) => session.goaway(0)],
    [
      'the server gives the connection up and breaks it',
      (session: Http2Session) => {
        session.goaway(0);
        setImmediate(() => session.destroy());
      },
    ],
  ])('sends no write a second time that the server has begun to work on when %s', async (_what, spoil) => {
    const server = await startHttp2Server((session) => spoil(session));
    const client = clientOf(accessTo(server), { requestTimeoutMs: 3_000 });
    await client.get(NAMESPACES, key);
    expect(await failureOf(client.create(NAMESPACES, { metadata: { name: 'new' } }))).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
    });
    await client.get(NAMESPACES, key);
    expect(server.writes).toBe(1);
  });

  it('leaves a connection that does not answer, and loses no request with it', async () => {
    const server = await startHttp2Server();
    const wire = await Wire.to(server.url);
    onTestFinished(() => wire.close());
    const client = clientOf({ ...accessTo(server), server: wire.url }, { requestTimeoutMs: 3_000 });
    await client.get(NAMESPACES, key);
    wire.silence();
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
    expect(server.connections).toBe(2);
  });
});

interface Http2Counts {
  readonly url: string;
  readonly ca: string;
  readonly versions: Set<string>;
  connections: number;
  writes: number;
}

/** Answers every request with one object. Watches stay open, and `onWrite` answers writes. */
async function startHttp2Server(onWrite?: (session: Http2Session) => void): Promise<Http2Counts> {
  const { key: privateKey, certificate } = createServerCertificate(['127.0.0.1']);
  const server: Http2SecureServer = createSecureServer({
    allowHTTP1: true,
    key: privateKey,
    cert: certificate,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const counts = { url, ca: certificate, versions: new Set<string>(), connections: 0, writes: 0 };
  server.on('secureConnection', () => {
    counts.connections += 1;
  });
  server.on('request', (request, response) => {
    counts.versions.add(request.httpVersion);
    if (request.method === 'POST') {
      counts.writes += 1;
      if (request.stream.session) onWrite?.(request.stream.session);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url.includes('watch=')) response.write('\n');
    else response.end(JSON.stringify({ metadata: { name: 'default' } }));
  });
  return counts;
}

function accessTo({ url, ca }: Http2Counts): Partial<ServerAccess> {
  return { server: url, tls: async () => ({ ca }) };
}

async function startProxy(asked: (string | undefined)[]): Promise<Server> {
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url);
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => proxy.close(() => resolve())));
  return proxy;
}
