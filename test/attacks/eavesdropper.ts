import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens in the clear and remembers the credentials that were sent. */
export async function eavesdropper() {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.headers.authorization ?? ''}`);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { heard, port, stop: () => server.close() };
}
