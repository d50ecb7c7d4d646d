import type { Io } from '../io/io.ts';

/** Work on many documents. */
export interface Work {
  /** What happens to them, as in `sealing`. */
  readonly doing: string;
  readonly total: number;
}

/** Short work says nothing. */
const SILENCE_MS = 1_000;
const REDRAW_MS = 200;

/** The line of work that takes long, under 60 characters for any count that fits into memory; undefined while there is nothing to say. */
export function progressLine({ doing, total }: Work, done: number, elapsedMs: number): string | undefined {
  if (total < 2 || elapsedMs < SILENCE_MS) return undefined;
  const left = done > 0 && done < total ? `, ${describeTime((elapsedMs / done) * (total - done))} left` : '';
  return `${doing}: ${done} of ${total}${left}`;
}

/** Minutes from 90 seconds on: an estimate knows no better. */
function describeTime(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/**
 * Runs work and tells on stderr, where that is a terminal, how far it is. The line is gone when the work ends, however it ends, so that nothing that is
 * written later stands beside it. It is made of spaces and carriage returns: nothing to colour, and no escape sequence that a terminal may not know.
 *
 * @param run calls `step` when a document is done
 */
export async function withProgress<T>(
  io: Pick<Io, 'stderr' | 'env' | 'now'>,
  work: Work,
  run: (step: () => void) => Promise<T>,
): Promise<T> {
  if (work.total < 2 || !io.stderr.isTty || io.env['TERM'] === 'dumb') return run(() => undefined);
  const startMs = io.now().getTime();
  let done = 0;
  let width = 0;
  const draw = () => {
    const line = progressLine(work, done, io.now().getTime() - startMs);
    if (line === undefined) return;
    io.stderr.write(`\r${line.padEnd(width)}`);
    width = Math.max(width, line.length);
  };
  const timer = setInterval(draw, REDRAW_MS);
  try {
    return await run(() => {
      done += 1;
    });
  } finally {
    clearInterval(timer);
    if (width > 0) io.stderr.write(`\r${' '.repeat(width)}\r`);
  }
}
