import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import type { TlsMaterial } from '../access/server-access.ts';
import { createAgent } from './agent.ts';

const [root, intermediate, leaf] = ['root', 'intermediate', 'leaf'].map((name) =>
  readVector(`chain/${name}.crt`),
);
const vectors = fileURLToPath(new URL('../../../../test/vectors', import.meta.url));
const NOWHERE = { SSL_CERT_DIR: '/nowhere' };
const OTHER = { ...NOWHERE, SSL_CERT_FILE: `${vectors}/x509/rsa-a.crt` };

/** The status of an answer of a server whose certificate the chain's intermediate authority signed. */
async function ask(tls: TlsMaterial, env: Record<string, string>): Promise<number> {
  const server = createServer(
    { key: readVector('chain/leaf.key'), cert: `${leaf}${intermediate}` },
    (_request, response) => response.end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const route = { server: origin, tls: async () => tls, proxy: undefined };
  const agent = await createAgent(route, {
    connections: 1,
    connectTimeoutMs: 10_000,
    pingMs: 10_000,
    env,
  });
  onTestFinished(async () => {
    await agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { statusCode, body } = await agent.request({ origin, path: '/', method: 'GET' });
  await body.dump();
  return statusCode;
}

describe('the certificate of the API server', () => {
  it.each([
    ['the root', root],
    ['an intermediate authority', intermediate],
    ['its own certificate', leaf],
  ])('is trusted when the CA is %s', async (_, ca = '') => {
    expect(await ask({ ca }, OTHER)).toBe(200);
  });
  it.each(['root', 'intermediate', 'leaf'])('is trusted by the store of the system (%s)', async (name) => {
    expect(await ask({}, { ...NOWHERE, SSL_CERT_FILE: `${vectors}/chain/${name}.crt` })).toBe(200);
  });
  it('is refused when nothing of its chain is trusted', async () => {
    await expect(ask({}, OTHER)).rejects.toThrow();
    await expect(
      ask({ ca: readVector('x509/rsa-a.crt') }, { ...NOWHERE, SSL_CERT_FILE: `${vectors}/chain/root.crt` }),
    ).rejects.toThrow();
  });
  it('ends a request with an error where the variables lead to no certificate', async () => {
    await expect(ask({}, { ...NOWHERE, SSL_CERT_FILE: '/nowhere' })).rejects.toThrow('SSL_CERT_FILE');
  });
  it('is not looked at where a kubeconfig says so', async () => {
    expect(await ask({ rejectUnauthorized: false }, OTHER)).toBe(200);
  });
});
