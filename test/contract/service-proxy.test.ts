import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';
import { failureOf } from './contract.ts';
import { answers } from './older-kubernetes.ts';

const contract = useCluster();
let services = '';
let port = 0;
let server: Server;

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** Answers what it was asked; /teapot with 418 and /big with 300 KiB. */
function startBackend(address: string): Promise<Server> {
  const backend = createServer((request, response) => {
    void readAll(request).then((body) => {
      const { method, url = '', headers } = request;
      response.writeHead(url === '/teapot' ? 418 : 200, {
        'X-Backend': 'yes',
        'Content-Type': 'application/x-test',
      });
      response.end(url === '/big' ? 'x'.repeat(300_000) : JSON.stringify({ method, url, headers, body }));
    });
  });
  return new Promise((resolve) => backend.listen(0, address, () => resolve(backend)));
}

beforeAll(async () => {
  const { name: namespace, path } = await freshNamespace(contract.client);
  services = `${path}/services`;
  server = await startBackend(contract.cluster.podAddress);
  port = (server.address() as AddressInfo).port;
  await contract.cluster.exposeService({ namespace, name: 'live', port });
  await contract.client.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bare' },
    spec: { ports: [{ name: 'http', port: 8080 }] },
  });
  await vi.waitUntil(
    async () => (await contract.client.request('GET', `${services}/http:live:http/proxy/`)).code === 200,
    PATIENCE_MS,
  );
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('service proxy', () => {
  it.each(['http:live:http', 'live:http'])('reaches the endpoint behind %s', async (id) => {
    const answer = await contract.client.request('GET', `${services}/${id}/proxy/v1/cert.pem`);
    expect(answer.code).toBe(200);
    expect(answer.headers).toMatchObject({ 'x-backend': 'yes', 'content-type': 'application/x-test' });
    expect(answer.body).toMatchObject({ method: 'GET', url: '/v1/cert.pem' });
  });

  it('reaches it by port number', async () => {
    expect((await contract.client.request('GET', `${services}/live:${port}/proxy/`)).code).toBe(200);
  });

  it('passes path and query as they are', async () => {
    const { body } = await contract.client.request('GET', `${services}/live:http/proxy/a/b%20c?x=1&y=%2F`);
    expect(body['url']).toBe('/a/b%20c?x=1&y=%2F');
  });

  it('passes method, body and headers, but not the token', async () => {
    const { body } = await contract.client.request('POST', `${services}/live:http/proxy/v1/verify`, {
      body: 'text',
      contentType: 'text/plain',
    });
    expect(body).toMatchObject({
      method: 'POST',
      url: '/v1/verify',
      body: 'text',
      headers: { 'content-type': 'text/plain', 'content-length': '4' },
    });
    const headers = body['headers'] as Record<string, string>;
    expect(headers['authorization']).toBeUndefined();
    expect(headers['x-forwarded-uri']).toBe(`${services}/live:http/proxy/v1/verify`);
    expect(headers['x-forwarded-for']).toBeDefined();
  });

  it('passes status codes and large bodies back', async () => {
    expect((await contract.client.request('GET', `${services}/live:http/proxy/teapot`)).code).toBe(418);
    expect((await contract.client.request('GET', `${services}/live:http/proxy/big`)).text).toHaveLength(
      300_000,
    );
  });

  it('redirects to the path with a slash', async () => {
    const answer = await contract.client.request('GET', `${services}/live:http/proxy`);
    expect(answer.code).toBe(301);
    expect(answer.headers.location).toBe(`${services}/live:http/proxy/`);
  });

  it.each([
    ['without endpoints', 'http:bare:http', 'bare'],
    ['that does not exist', 'http:none:', 'none'],
  ])('has no endpoints for a Service %s', async (_what, id, service) => {
    const answer = await contract.client.request('GET', `${services}/${id}/proxy/x`);
    const refused = answers.withoutEndpoints(service);
    expect(failureOf(answer)).toMatchObject({ ...refused, httpCode: refused.code, status: 'Failure' });
  });

  it.each([
    [
      'a port name the endpoint does not have',
      'http:live:nope',
      `no endpoints available for service "${answers.withoutPort}"`,
    ],
    ['no port name where the port has one', 'live', 'no endpoints available for service "live"'],
    ['a port number the Service does not have', 'live:1', 'no service port 1 found for service "live"'],
  ])('answers 503 for %s', async (_what, id, message) => {
    const answer = await contract.client.request('GET', `${services}/${id}/proxy/x`);
    expect(failureOf(answer)).toMatchObject({
      httpCode: 503,
      status: 'Failure',
      reason: 'ServiceUnavailable',
      message,
      code: 503,
    });
  });

  it.each(['a:b:c:d', 'ftp:live:http'])('refuses the service name %s', async (id) => {
    const answer = await contract.client.request('GET', `${services}/${id}/proxy/x`);
    expect(failureOf(answer)).toMatchObject({ httpCode: 400, message: `invalid service request "${id}"` });
  });

  it('answers 503 when the endpoint refuses connections', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const answer = await contract.client.request('GET', `${services}/live:http/proxy/x`);
    expect(failureOf(answer)).toMatchObject({
      httpCode: 503,
      reason: 'ServiceUnavailable',
      message: `error trying to reach service: dial tcp ${contract.cluster.podAddress}:${port}: connect: connection refused`,
    });
  });
});
