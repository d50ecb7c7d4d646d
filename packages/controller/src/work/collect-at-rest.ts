import { type MonotonicClock, systemClock } from '@fuin/kube/time';

/** Longer than the pauses within one piece of work. */
const REST_MS = 5_000;

/** Collects all garbage at once and gives the memory back to the system. */
export type Collect = () => void;

/** When garbage is collected. */
export interface Collection {
  /** Something is worked on. */
  noteWork(): void;
  /** A large piece of work is done, and another one follows, whose garbage would come on top. */
  collectNow(): void;
}

/**
 * Collects the garbage of a piece of work once it is done. V8 only collects when memory is asked for, so a
 * process that has come to rest would keep a third of its memory for nothing, until more work comes.
 */
export function collectAtRest(
  clock: MonotonicClock = systemClock,
  collect: Collect | undefined = collectorOf(globalThis.gc),
): Collection {
  if (!collect) return { noteWork: () => undefined, collectNow: () => undefined };
  let isWaiting = false;
  let workedMs = 0;
  const wait = (delayMs: number): void => {
    isWaiting = true;
    clock.after(delayMs, look);
  };
  const look = (): void => {
    isWaiting = false;
    const leftMs = workedMs + REST_MS - clock.now();
    if (leftMs > 0) wait(leftMs);
    else collect();
  };
  const noteWork = () => {
    workedMs = clock.now();
    if (!isWaiting) wait(REST_MS);
  };
  return { noteWork, collectNow: collect };
}

/** Node offers its collector to a process that was started with `--expose-gc`. */
function collectorOf(gc: typeof globalThis.gc): Collect | undefined {
  return gc && (() => void gc({ type: 'major', flavor: 'last-resort' }));
}
