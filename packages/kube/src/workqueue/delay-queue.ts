import TinyQueue from 'tinyqueue';
import type { MonotonicClock } from '../time/clock.ts';

interface Waiting {
  readonly item: string;
  dueMs: number;
}

function newHeap(): TinyQueue<Waiting> {
  return new TinyQueue<Waiting>([], (a, b) => a.dueMs - b.dueMs);
}

/**
 * Strings that wait for their time, each at most once (the earlier time wins), on one timer. An item
 * superseded by an earlier time stays in the heap and is skipped when it surfaces.
 */
export class DelayQueue {
  readonly #clock: MonotonicClock;
  readonly #onDue: (item: string) => void;
  #heap = newHeap();
  readonly #dueByItem = new Map<string, number>();
  #cancelTimer: (() => void) | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(clock: MonotonicClock, onDue: (item: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(item: string, delayMs: number): void {
    const dueMs = this.#clock.now() + delayMs;
    const known = this.#dueByItem.get(item);
    if (known !== undefined && known <= dueMs) return;
    this.#dueByItem.set(item, dueMs);
    this.#heap.push({ item, dueMs });
    this.#arm();
  }

  /** Drops everything that waits. */
  clear(): void {
    this.#heap = newHeap();
    this.#dueByItem.clear();
    this.#arm();
  }

  #arm(): void {
    const nextDueMs = this.#heap.peek()?.dueMs ?? Number.POSITIVE_INFINITY;
    if (nextDueMs === this.#timerDueMs) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerDueMs = nextDueMs;
    if (nextDueMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = this.#clock.after(nextDueMs - this.#clock.now(), () => this.#fire());
  }

  #fire(): void {
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    // A timer may ring a little early, and never earlier than it can count: half a millisecond is due.
    for (let first = this.#heap.peek(); first && first.dueMs <= now + 0.5; first = this.#heap.peek()) {
      this.#heap.pop();
      if (this.#dueByItem.get(first.item) !== first.dueMs) continue;
      this.#dueByItem.delete(first.item);
      this.#onDue(first.item);
    }
    this.#arm();
  }
}
