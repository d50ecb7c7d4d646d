import type { Io } from '../io/io.ts';

/** Work on many documents. */
export interface Work {
  /** What happens to them, for example `sealing`. */
  readonly doing: string;
  /** Undefined where the number is not known before the end. */
  readonly total?: number;
}

/** Work that is shorter than this prints nothing. */
const SILENCE_MS = 1_000;
const REDRAW_MS = 200;

/** The progress line of long work, shorter than 60 characters; undefined while nothing is printed. */
export function progressLine({ doing, total }: Work, done: number, elapsedMs: number): string | undefined {
  if (elapsedMs < SILENCE_MS) return undefined;
  if (total === undefined) return `${doing}: ${done}`;
  if (total < 2) return undefined;
  const left = done > 0 && done < total ? `, ${describeTime((elapsedMs / done) * (total - done))} left` : '';
  return `${doing}: ${done} of ${total}${left}`;
}

/** In minutes from 90 seconds on: the estimate is not more precise. */
function describeTime(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/**
 * Runs work and shows its progress on stderr, if that is a terminal. The line is removed when the work ends
 * or fails, so that later output does not follow it. It uses spaces and carriage returns only, no escape
 * sequences.
 *
 * @param run calls `step` when a document is done, or with the number of those that are
 */
export async function withProgress<T>(
  io: Pick<Io, 'stderr' | 'env' | 'now'>,
  work: Work,
  run: (step: (count?: number) => void) => Promise<T>,
): Promise<T> {
  if ((work.total ?? 2) < 2 || !io.stderr.isTty || io.env['TERM'] === 'dumb') return run(() => undefined);
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
    return await run((count = 1) => {
      done += count;
    });
  } finally {
    clearInterval(timer);
    if (width > 0) io.stderr.write(`\r${' '.repeat(width)}\r`);
  }
}
