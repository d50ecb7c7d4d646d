import { keyText, type ObjectKey } from '@fuin/kube/client';
import { backoffDelayMs } from '@fuin/kube/time';

/** Two controllers that disagree must not keep the API server busy. */
const PAUSES = { baseMs: 500, capMs: 300_000, spread: 0 };
/** A Secret that was left alone this long starts a new series of repairs. */
const CALM_MS = 600_000;

interface Row {
  readonly length: number;
  readonly lastMs: number;
  /** resourceVersion that the last reconcile left behind. */
  readonly left: string | undefined;
}

/**
 * How often in a row something else changed each Secret. This decides how soon the next change is looked at.
 */
export class Repairs {
  readonly #nowMs: () => number;
  readonly #rows = new Map<string, Row>();

  /** @param nowMs milliseconds; only differences count */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Milliseconds to wait before a change of the Secret is looked at. */
  delayMs(key: ObjectKey): number {
    const repairs = this.#rowOf(key)?.length ?? 0;
    return repairs === 0 ? 0 : backoffDelayMs(PAUSES, repairs, Math.random);
  }

  /**
   * A reconcile found the Secret changed and left it as it is now; both are resourceVersions. If it found its
   * own earlier write, because the status could not be written after that, nothing else changed the Secret.
   */
  note(key: ObjectKey, found: string | undefined, left: string | undefined): void {
    const row = this.#rowOf(key);
    const isOwn = row !== undefined && row.left === found;
    const length = (row?.length ?? 0) + (isOwn ? 0 : 1);
    this.forget(key); // so that rows stay in the order of their last change
    this.#rows.set(keyText(key), { length, lastMs: this.#nowMs(), left });
    this.#sweep();
  }

  /** The Secret or its SealedSecret was deleted: a successor starts from zero. */
  forget(key: ObjectKey): void {
    this.#rows.delete(keyText(key));
  }

  /** Removes expired rows, even those of objects whose end nobody saw. */
  #sweep(): void {
    for (const [text, row] of this.#rows) {
      if (!this.#isOver(row)) return;
      this.#rows.delete(text);
    }
  }

  #isOver({ lastMs }: Row): boolean {
    return this.#nowMs() - lastMs > CALM_MS;
  }

  /** Number of rows. */
  get size(): number {
    return this.#rows.size;
  }

  #rowOf(key: ObjectKey): Row | undefined {
    const row = this.#rows.get(keyText(key));
    return row && !this.#isOver(row) ? row : undefined;
  }
}
