import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../../../test/support/embedded-cluster.ts';
import { loadConnection } from './auth.ts';
import { createApiClient } from './client.ts';
import type { Connection, TlsMaterial } from './connection.ts';
import type { ApiClient } from './ports.ts';
import { failureOf } from './scripted-server.ts';

const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces' };
const key = { namespace: '', name: 'default' };

let cluster: EmbeddedCluster;
let connection: Connection;

beforeAll(async () => {
  cluster = await startEmbeddedCluster();
  connection = await loadConnection({ kubeconfig: cluster.adminKubeconfig, env: {} });
});

afterAll(() => cluster.stop());

function clientOf(changed: Partial<Connection>): ApiClient {
  const client = createApiClient({ ...connection, ...changed });
  onTestFinished(() => client.close());
  return client;
}

describe('connections', () => {
  it('trust no certificate but those of the given CA, and notice when it is replaced', async () => {
    let tls: TlsMaterial = {};
    const client = clientOf({ tls: async () => tls });
    expect(await failureOf(client.get(NAMESPACES, key))).toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
    tls = await connection.tls();
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
  });

  it('say what is wrong when TLS material cannot be read', async () => {
    const client = clientOf({
      tls: () => Promise.reject(Object.assign(new Error('no file'), { code: 'ENOENT' })),
    });
    expect(await failureOf(client.get(NAMESPACES, key))).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
      failure: { reason: 'ENOENT' },
    });
  });

  it('verify the name that tls-server-name gives', async () => {
    const { ca = '' } = await connection.tls();
    const client = clientOf({ tls: async () => ({ ca, servername: 'other.test' }) });
    expect(await failureOf(client.get(NAMESPACES, key))).toMatchObject({
      failure: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
  });

  it('go through a proxy when told to', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await startProxy(asked);
    const client = clientOf({ proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    expect((await client.get(NAMESPACES, key))?.metadata.name).toBe('default');
    expect(asked).toEqual([new URL(connection.server).host]);
  });
});

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
