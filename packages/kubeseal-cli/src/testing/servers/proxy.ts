import { type AddressInfo, connect, createServer } from 'node:net';

/** A forward proxy that sends everything to one port of this machine. */
export interface TestProxy {
  readonly url: string;
  /** Request lines it has seen. */
  readonly seen: string[];
  stop(): void;
}

/** Starts one. */
export async function startProxy(targetPort: number): Promise<TestProxy> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.once('data', (head: Buffer) => {
      const [line = ''] = head.toString().split('\r\n');
      seen.push(line);
      const upstream = connect(targetPort, '127.0.0.1', () => {
        if (line.startsWith('CONNECT')) socket.write('HTTP/1.1 200 OK\r\n\r\n');
        else upstream.write(head);
        socket.pipe(upstream).pipe(socket);
      });
      for (const each of [socket, upstream]) each.on('error', () => undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () => server.close(),
  };
}
