import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Content-Type of plain text from Go's servers. */
export const TEXT = 'text/plain; charset=utf-8';

/** Handles requests whose HTTP turns out to be broken. */
export interface BrokenRequests {
  /** Remembers the request that a connection is busy with. */
  begin(reply: FastifyReply): void;
  /** Listener for a server's `clientError`. */
  onClientError(error: Error & { readonly code?: string }, socket: Socket): void;
}

const STATUS = { malformed: '400 Bad Request', overflow: '431 Request Header Fields Too Large' } as const;

/**
 * Answers like upstream if HTTP itself is broken: an empty 400 if a body cannot be read, a line of text if
 * there is no whole request, and nothing to a peer that did not start one in time.
 */
export function createBrokenRequests(): BrokenRequests {
  const current = new WeakMap<Socket, FastifyReply>();
  const handled = new WeakSet<Socket>(); // a parser reports again for each further piece
  return {
    begin: (reply) => void current.set(reply.request.raw.socket, reply),
    onClientError: (error, socket) => {
      if (handled.has(socket)) return;
      handled.add(socket);
      // by then, a request that came in the same packet has passed the limits and has a reader for its body
      setImmediate(() => end(socket, error.code ?? '', current.get(socket)));
    },
  };
}

/** Makes the reader of a body discard what it has and refuse the request with 400. */
export function failBody({ raw }: FastifyRequest): void {
  const error = Object.assign(new Error('the body cannot be read'), { statusCode: 400 });
  if (raw.listenerCount('error') > 0) raw.emit('error', error);
}

function end(socket: Socket, code: string, reply: FastifyReply | undefined): void {
  const hasBegun = code.startsWith('HPE_') || socket.bytesRead > 0; // otherwise nothing came in time
  if (!socket.writable) socket.destroy();
  else if (reply && !reply.raw.writableFinished) {
    finished(reply.raw, () => socket.destroySoon());
    if (!reply.request.raw.complete && !reply.sent) failBody(reply.request);
  } else if (reply && !reply.request.raw.complete) socket.destroySoon();
  else {
    if (hasBegun) socket.write(refusal(code === 'HPE_HEADER_OVERFLOW' ? STATUS.overflow : STATUS.malformed));
    socket.destroySoon();
  }
}

/** In the words of Go's server. */
function refusal(status: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: ${TEXT}\r\nConnection: close\r\n\r\n${status}`;
}
