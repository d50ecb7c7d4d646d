import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../../test/support/cluster/embedded-cluster.ts';
import { startProxy } from '../../../kubeseal-cli/src/testing/servers/proxy.ts';
import { startSocks5 } from '../../../kubeseal-cli/src/testing/servers/socks5.ts';
import { findServer } from '../access/find-server.ts';
import type { ServerAccess, TlsMaterial } from '../access/server-access.ts';
import { createApiClient } from '../client/client.ts';
import { failureOf } from '../testing/scripted-server.ts';

const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces' };
const key = { namespace: '', name: 'default' };

let cluster: EmbeddedCluster;
let access: ServerAccess;

beforeAll(async () => {
  cluster = await startEmbeddedCluster();
  access = await findServer({ kubeconfig: cluster.adminKubeconfig, env: {} });
});

afterAll(() => cluster.stop());

/** What the proxy-url of a kubeconfig says. */
const ROUTES: Readonly<Record<string, (port: number) => Promise<string | undefined>>> = {
  directly: async () => undefined,
  'through an HTTP proxy': async (port) => {
    const proxy = await startProxy(port);
    onTestFinished(() => proxy.stop());
    return proxy.url;
  },
  'through a SOCKS proxy': async (port) => {
    const proxy = await startSocks5(port);
    onTestFinished(() => proxy.stop());
    return `socks5://${proxy.address}`;
  },
};

describe.each(Object.entries(ROUTES))('requests %s', (_way, routeTo) => {
  /** Asks once with material that is broken, then once with what the server takes. */
  async function askTwice(broken: () => Promise<TlsMaterial>) {
    let isBroken = true;
    const proxyUrl = await routeTo(Number(new URL(access.server).port));
    const tls = () => (isBroken ? broken() : access.tls());
    const client = createApiClient({ ...access, ...(proxyUrl && { proxyUrl }), tls });
    onTestFinished(() => client.close());
    const { code, failure } = await failureOf(client.get(NAMESPACES, key));
    isBroken = false;
    return { code, reason: failure?.reason, next: (await client.get(NAMESPACES, key))?.metadata.name };
  }

  it('fail while TLS material cannot be read, and only then', async () => {
    const error = Object.assign(new Error('no file'), { code: 'ENOENT' });
    expect(await askTwice(() => Promise.reject(error))).toEqual({
      code: 'ERR_API_UNAVAILABLE',
      reason: 'ENOENT',
      next: 'default',
    });
  });
  it.each([
    ['certificate', { cert: 'half' }, 'ERR_OSSL_PEM_NO_START_LINE'],
    ['key', { key: 'half' }, 'ERR_OSSL_UNSUPPORTED'],
    ['authority', { ca: 'half' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])(
    'fail, and the process lives on, while the file of the %s is half written',
    async (_file, half, reason) => {
      const broken = { ...(await access.tls()), ...half };
      expect(await askTwice(async () => broken)).toEqual({
        code: 'ERR_API_UNAVAILABLE',
        reason,
        next: 'default',
      });
    },
  );
});
