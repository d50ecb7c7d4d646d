import type { MonotonicClock } from '../time/clock.ts';

interface Waiting {
  readonly item: string;
  dueMs: number;
}

/**
 * Strings that wait for their time, each at most once (the earlier time wins), on one timer: a binary heap
 * by due time. An item superseded by an earlier time stays in the heap and is skipped when it surfaces.
 */
export class DelayQueue {
  readonly #clock: MonotonicClock;
  readonly #onDue: (item: string) => void;
  readonly #heap: Waiting[] = [];
  readonly #dueByItem = new Map<string, number>();
  #cancelTimer: (() => void) | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(clock: MonotonicClock, onDue: (item: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Number of items waiting. */
  get size(): number {
    return this.#dueByItem.size;
  }

  add(item: string, delayMs: number): void {
    const dueMs = this.#clock.now() + delayMs;
    const known = this.#dueByItem.get(item);
    if (known !== undefined && known <= dueMs) return;
    this.#dueByItem.set(item, dueMs);
    this.#push({ item, dueMs });
    this.#arm();
  }

  /** Drops everything that waits. */
  clear(): void {
    this.#heap.length = 0;
    this.#dueByItem.clear();
    this.#arm();
  }

  #arm(): void {
    const nextDueMs = this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
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
    for (let first = this.#heap[0]; first && first.dueMs <= now + 0.5; first = this.#heap[0]) {
      this.#pop();
      if (this.#dueByItem.get(first.item) !== first.dueMs) continue;
      this.#dueByItem.delete(first.item);
      this.#onDue(first.item);
    }
    this.#arm();
  }

  #push(entry: Waiting): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (!parent || parent.dueMs <= entry.dueMs) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = heap[leftIndex];
      if (!left) break;
      const right = heap[leftIndex + 1];
      const [child, childIndex] =
        right && right.dueMs < left.dueMs ? [right, leftIndex + 1] : [left, leftIndex];
      if (child.dueMs >= last.dueMs) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}
