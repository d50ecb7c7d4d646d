import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from './listen.ts';

/** A server that is closed after the test, and its address once it listens. */
function server() {
  const app = Fastify();
  onTestFinished(() => app.close());
  return { app, address: () => app.server.address() as AddressInfo | null };
}

/** A server that cannot listen on some hosts, and those that it was asked for. */
function failingOn(failing: readonly string[], error: object) {
  const { app, address } = server();
  const asked: string[] = [];
  const listener: Parameters<typeof listen>[0] = {
    listen: async (at) => {
      asked.push(at.host);
      if (failing.includes(at.host)) throw error;
      return app.listen(at);
    },
  };
  return { listener, asked, address };
}

describe('listen', () => {
  it('listens on the host that is named, and on no other', async () => {
    const { app, address } = server();
    await listen(app, { host: '127.0.0.1', port: 0 });
    expect(address()).toMatchObject({ address: '127.0.0.1' });
  });
  it.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
    'listens on every interface without a host, on a machine without IPv6 (%s) too',
    async (code) => {
      const { listener, asked, address } = failingOn(['::'], { code });
      await listen(listener, { host: undefined, port: 0 });
      expect(asked).toEqual(['::', '0.0.0.0']);
      expect(address()).toMatchObject({ address: '0.0.0.0' });
    },
  );
  it('does not open another address than the named one where that cannot be used', async () => {
    const { listener, asked, address } = failingOn(['::1'], { code: 'EADDRNOTAVAIL' });
    await expect(listen(listener, { host: '::1', port: 8080 })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'cannot listen on ::1:8080: EADDRNOTAVAIL',
      cause: { code: 'EADDRNOTAVAIL' },
    });
    expect([asked, address()]).toEqual([['::1'], null]);
  });
  it('says which port is in use, and does not try it with IPv4 alone', async () => {
    const { app, address } = server();
    await listen(app, { host: undefined, port: 0 });
    const port = address()?.port ?? 0;
    const { listener, asked } = failingOn([], {});
    await expect(listen(listener, { host: undefined, port })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: `cannot listen on :${port}: EADDRINUSE`,
    });
    expect(asked).toEqual(['::']);
  });
  it('reports a failure without a code too', async () => {
    const { listener } = failingOn(['::'], new Error('no'));
    await expect(listen(listener, { host: undefined, port: 8080 })).rejects.toThrow(
      'cannot listen on :8080: unknown error',
    );
  });
});
