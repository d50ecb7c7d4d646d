import { SealedSecretsError } from '@fuin/crypto-core/errors';

/** Of a pipe or a device, which may have no end. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;
/** As much as a pipe holds. */
const CHUNK_BYTES = 65_536;

/** Pieces of what may have no end, up to a bound. */
class Pieces {
  readonly #pieces: Uint8Array[] = [];
  readonly #maxBytes: number;
  readonly #tooMuch: () => SealedSecretsError;
  #size = 0;

  constructor(maxBytes: number, tooMuch: () => SealedSecretsError) {
    this.#maxBytes = maxBytes;
    this.#tooMuch = tooMuch;
  }

  /** @throws the error for too much, as soon as there is more than the bound */
  add(piece: Uint8Array): void {
    this.#size += piece.length;
    if (this.#size > this.#maxBytes) throw this.#tooMuch();
    this.#pieces.push(piece);
  }

  joined(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

/**
 * The bytes of an answer.
 *
 * @throws ERR_API_UNAVAILABLE as soon as there are more than `maxBytes`
 */
export async function bounded(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces = new Pieces(
    maxBytes,
    () => new SealedSecretsError('ERR_API_UNAVAILABLE', 'the answer is too large'),
  );
  for await (const piece of stream) pieces.add(piece);
  return pieces.joined();
}

/** Fills a buffer and returns the number of bytes; 0 at the end. */
type ReadSome = (into: Uint8Array) => number;

/**
 * Reads a pipe or a device to its end, and waits for it.
 *
 * @param name for messages
 * @throws ERR_USAGE for more than 64 MiB, and what `readSome` throws
 */
export function readStream(name: string, readSome: ReadSome): Uint8Array {
  const pieces = inputNamed(name);
  readInto(pieces, readSome);
  return pieces.joined();
}

/**
 * Like readStream. Where nothing is ready yet (EAGAIN, because another program made the pipe non-blocking),
 * `rest` waits for what comes, and nothing that was read is lost.
 */
export async function readSlowStream(
  name: string,
  readSome: ReadSome,
  rest: () => AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  const pieces = inputNamed(name);
  try {
    readInto(pieces, readSome);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAGAIN') throw error;
    for await (const piece of rest()) pieces.add(piece);
  }
  return pieces.joined();
}

function inputNamed(name: string): Pieces {
  return new Pieces(
    MAX_INPUT_BYTES,
    () =>
      new SealedSecretsError('ERR_USAGE', `${name} has no end within ${MAX_INPUT_BYTES / 1024 / 1024} MiB`),
  );
}

function readInto(pieces: Pieces, readSome: ReadSome): void {
  try {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let length = readSome(room); length > 0; length = readSome(room))
      pieces.add(Uint8Array.from(room.subarray(0, length))); // a pipe may give few bytes at a time
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EOF') throw error; // how Windows ends a pipe
  }
}
