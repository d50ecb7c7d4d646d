import { connect } from 'node:net';

/** What a peer heard on its connection. */
export interface Heard {
  readonly text: string;
  /** From the connection to its end. */
  readonly durationMs: number;
  /** False when this side gave up, since nothing came any more. */
  readonly isEndedByServer: boolean;
}

/**
 * An answer after which a server leaves the connection open, or none, is over when nothing comes for so long.
 */
const SILENCE_MS = 10_000;

/** Ends our side of a connection and leaves the other open. */
export const END = Symbol('end');

/**
 * Sends pieces as they are, without looking at what comes back, then reads until the server closes the
 * connection or falls silent. For what HTTP clients do not do: broken bodies, waiting in the middle.
 */
export async function exchange(
  url: string,
  ...pieces: readonly (string | Uint8Array | typeof END)[]
): Promise<Heard> {
  const { hostname, port } = new URL(url);
  const startedMs = performance.now();
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.on('error', () => undefined); // what was heard before a reset counts
  socket.pause();
  for (const piece of pieces) {
    if (piece === END) socket.end();
    else await new Promise((resolve) => socket.write(piece, resolve));
  }
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let isEndedByServer = true;
  socket.setTimeout(SILENCE_MS, () => {
    isEndedByServer = false;
    socket.destroy();
  });
  socket.once('end', () => socket.end()).resume();
  await closed;
  return { text, durationMs: performance.now() - startedMs, isEndedByServer };
}

/** The head of a request. */
export function head(method: string, path: string, ...headers: readonly string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
}

/** Status and body of the first answer. */
export function answerIn({ text }: Heard): { status: number; body: string } {
  const [start = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(start.slice(9, 12)), body };
}
