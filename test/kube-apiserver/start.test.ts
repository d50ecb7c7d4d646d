import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, type ApiClient, apiClient } from '../support/api/api-client.ts';
import type { TestCluster } from '../support/api/types.ts';
import { ownClusterKubeconfig, ownServerProblem } from './availability.ts';
import { chosenKubernetes } from './kubernetes.ts';
import { type OwnKubeApiserver, startKubeApiserver, startOwnKubeApiserver } from './start.ts';

const isBuilt = (ownClusterKubeconfig() ?? process.env['KUBEBUILDER_ASSETS']) === undefined;

describe('startKubeApiserver', () => {
  const namespace = 'kube-apiserver-start';
  let cluster: TestCluster;
  let admin: ApiClient;
  let program: Server | undefined;

  beforeAll(async () => {
    cluster = await startKubeApiserver();
    admin = await apiClient(cluster.adminKubeconfig);
  });
  afterAll(async () => {
    program?.close();
    admin?.close();
    await cluster?.stop();
  });

  function proxied(service: string): Promise<ApiAnswer> {
    return admin.request('GET', `/api/v1/namespaces/${namespace}/services/${service}/proxy/hello`);
  }

  it('gives a server that is ready and knows its version', async () => {
    expect(await admin.request('GET', '/readyz')).toMatchObject({ code: 200, text: 'ok' });
    const version = await admin.get('/version');
    expect(version['gitVersion']).toMatch(isBuilt ? chosenKubernetes().version : /^v1\.\d+\.\d+/);
  });

  it('knows a service account by name and denies it what no role grants', async () => {
    const account = await apiClient(await cluster.kubeconfigFor({ namespace, name: 'unbound' }));
    const answer = await account.request('GET', `/api/v1/namespaces/${namespace}/secrets`);
    account.close();
    expect(answer.code).toBe(403);
    expect(answer.text).toContain(`system:serviceaccount:${namespace}:unbound`);
  });

  it.each([
    { portName: 'http', path: 'http:named:http' },
    { portName: '', path: 'unnamed' },
    { portName: '', path: 'http:unnamed:' },
  ])('reaches a program at podAddress through the service proxy as $path', async ({ portName, path }) => {
    program ??= await listen(cluster.podAddress);
    const name = portName === '' ? 'unnamed' : 'named';
    await cluster.exposeService({ namespace, name, port: portOf(program), portName });
    expect(await proxied(path)).toMatchObject({ code: 200, text: 'you asked for /hello' });
  });

  it('moves a service to another port when exposed again', async () => {
    const moved = await listen(cluster.podAddress);
    await cluster.exposeService({ namespace, name: 'moving', port: 1 });
    await cluster.exposeService({ namespace, name: 'moving', port: portOf(moved) });
    const answer = await proxied('http:moving:http');
    moved.close();
    expect(answer.code).toBe(200);
  });
});

describe.skipIf(ownServerProblem() !== undefined)('startOwnKubeApiserver', () => {
  let cluster: OwnKubeApiserver;
  let admin: ApiClient;

  beforeAll(async () => {
    cluster = await startOwnKubeApiserver({ extraArgs: ['--runtime-config=batch/v1=false'] });
    admin = await apiClient(cluster.adminKubeconfig);
  });
  afterAll(async () => {
    admin?.close();
    await cluster?.stop();
  });

  it('keeps port, credentials and objects when kube-apiserver and etcd are restarted', async () => {
    const { metadata } = await admin.create('/api/v1/namespaces', { metadata: { name: 'kept' } });
    await cluster.etcd.restart();
    await cluster.restart();
    const found = await admin.get('/api/v1/namespaces/kept');
    expect(found.metadata.uid).toBe(metadata.uid);
  });

  it('passes extra arguments on', async () => {
    const codeOf = async (path: string) => (await admin.request('GET', path)).code;
    expect([await codeOf('/apis/apps/v1'), await codeOf('/apis/batch/v1')]).toEqual([200, 404]);
  });

  it('is gone after stop', async () => {
    await cluster.stop();
    await expect(admin.request('GET', '/readyz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

async function listen(host: string): Promise<Server> {
  const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  server.listen(0, host);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
