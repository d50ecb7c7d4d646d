import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { limitConnections } from './connections.ts';

const PEERS = 9;
const EACH = 64;

it('there are 512 connections at most, even of peers of which none has too many', async () => {
  const server = createServer();
  limitConnections(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const peers = Array.from({ length: PEERS }, (_, index) => `127.0.0.${index + 1}`);
  let refused = 0;
  const sockets = peers.flatMap((localAddress) =>
    Array.from({ length: EACH }, () =>
      connect({ port, host: '127.0.0.1', localAddress })
        .on('error', () => undefined) // a refusal may come as a reset
        .on('close', () => {
          refused += 1;
        }),
    ),
  );
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await expect.poll(() => refused).toBe(PEERS * EACH - 512);
  expect(await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))).toBe(512);
});
