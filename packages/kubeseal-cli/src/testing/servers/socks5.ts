import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A SOCKS5 server (RFC 1928) that leads every connection to one port of this machine. */
export interface Socks5Server {
  /** Without a scheme. */
  readonly address: string;
  /** Name and port of each CONNECT. */
  readonly seen: string[];
  stop(): void;
}

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const GRANTED = [VERSION, 0, 0, 1, 127, 0, 0, 1, 0, 0];
const IPV4 = 1;

/** Starts one. */
export async function startSocks5(targetPort: number): Promise<Socks5Server> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.from([VERSION, NO_AUTHENTICATION]));
      socket.once('data', (request: Buffer) => {
        seen.push(destinationOf(request));
        forward(socket, targetPort);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () => server.close(),
  };
}

/** Version, command, reserved, type of address, address, port. */
function destinationOf(request: Buffer): string {
  const isIpv4 = request[3] === IPV4;
  const name = isIpv4
    ? [...request.subarray(4, 8)].join('.')
    : request.toString('utf8', 5, request.length - 2);
  return `${name}:${request.readUInt16BE(request.length - 2)}`;
}

function forward(socket: Socket, port: number): void {
  const target = connect(port, '127.0.0.1', () => {
    socket.write(Buffer.from(GRANTED));
    socket.pipe(target).pipe(socket);
  });
  target.on('error', () => socket.destroy());
}
