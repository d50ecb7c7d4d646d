import { hash } from 'node:crypto';
import { type Head, MAX_LINE_BYTES, readLine } from './chain.ts';
import type { Torn } from './event.ts';

/** As much of the end of a file as is read to go on with its chain: two lines of the greatest length. */
export const TAIL_BYTES = 2 * (MAX_LINE_BYTES + 1);

/** What the end of a file says to a process that goes on writing. */
export interface Tail {
  /** The last whole line; undefined if there is none near the end. */
  readonly head: Head | undefined;
  /** Bytes behind that line: a crash in the middle of a write left them. */
  readonly torn: Torn | undefined;
  /** Whether a line end must be written first. */
  readonly lacksLineEnd: boolean;
}

/** Reads the end of a file, {@link TAIL_BYTES} at most. */
export function readTail(bytes: Uint8Array): Tail {
  const text = Buffer.from(bytes).toString('latin1');
  const lacksLineEnd = text !== '' && !text.endsWith('\n');
  const end = lacksLineEnd ? text.length : text.length - 1;
  for (let to = end; to > 0; ) {
    const from = text.lastIndexOf('\n', to - 1) + 1;
    const line = readLine(text.slice(from, to));
    if (line && line !== 'newer') {
      const behind = text.slice(to + 1, end);
      const { chain, seq, hash: own } = line;
      return { head: { chain, seq, hash: own }, torn: tornOf(behind), lacksLineEnd };
    }
    to = from - 1;
  }
  return { head: undefined, torn: undefined, lacksLineEnd };
}

/** What a line says about bytes that are no line; their last line end does not count. */
export function tornOf(text: string): Torn | undefined {
  if (text === '') return undefined;
  return { bytes: text.length, sha256: hash('sha256', Buffer.from(text, 'latin1'), 'hex') };
}
