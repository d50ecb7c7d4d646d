import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerCertificate } from '../access/certificate.ts';

/** An HTTPS server that can stop dead and come back on the same port. */
export class Listener {
  readonly address: string;
  port = 0;
  #server: Server | undefined;
  #sockets = new Set<Socket>();
  #certificate: ServerCertificate;
  #handler: (message: IncomingMessage, response: ServerResponse) => void;

  constructor(
    address: string,
    certificate: ServerCertificate,
    handler: (message: IncomingMessage, response: ServerResponse) => void,
  ) {
    this.address = address;
    this.#certificate = certificate;
    this.#handler = handler;
  }

  get url(): string {
    return `https://${this.address}:${this.port}`;
  }

  async start(): Promise<void> {
    const { key, certificate } = this.#certificate;
    const server = createServer(
      { key, cert: certificate, keepAliveTimeout: 90_000, requestTimeout: 0 },
      this.#handler,
    );
    server.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('clientError', (_error, socket) => socket.destroy());
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, this.address, resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  /** Resets every open connection; new ones are accepted. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Stops listening and drops every connection. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
