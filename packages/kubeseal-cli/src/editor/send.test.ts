import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { sendByFetch } from './send.ts';

/** Serves on loopback for one test. */
async function served(answer: RequestListener, test: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  try {
    await test(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('sendByFetch', () => {
  it('gives the answer, and leaves a redirect to the rules of its caller', async () => {
    const asked: (string | undefined)[] = [];
    const redirect: RequestListener = ({ url }, response) => {
      asked.push(url);
      response.writeHead(302, { location: '/elsewhere', 'set-cookie': 'a=b' }).end('moved');
    };
    await served(redirect, async (url) => {
      const { status, headers, body } = await sendByFetch(url);
      expect({ status, headers, body: Buffer.from(body).toString() }).toEqual({
        status: 302,
        headers: { location: '/elsewhere' },
        body: 'moved',
      });
      expect(asked).toEqual(['/']);
    });
  });
  it('refuses a body that does not end, and hangs up', async () => {
    const closed = Promise.withResolvers<void>();
    const endless: RequestListener = (_request, response) => {
      const write = () => {
        while (response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', write).on('close', closed.resolve);
      write();
    };
    await served(endless, async (url) => {
      await expect(sendByFetch(url)).rejects.toThrow('the answer is too large');
      await closed.promise;
    });
  });
  it('waits for half a minute', async () => {
    const patience = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal);
    const silent: RequestListener = () => patience.abort();
    await served(silent, async (url) => {
      await expect(sendByFetch(url)).rejects.toMatchObject({ code: 'ERR_API_UNAVAILABLE' });
      expect(timeout.mock.calls).toEqual([[30_000]]);
    });
    timeout.mockRestore();
  });
  it('names the origin of a server that does not answer, not the whole URL', async () => {
    const sending = sendByFetch('http://127.0.0.1:1/path?token=abc');
    await expect(sending).rejects.toThrow(/^cannot reach http:\/\/127\.0\.0\.1:1$/);
  });
});
