import { backoffDelayMs } from '@fuin/kube/time';
import { pauseMsAfter } from '../faults.ts';

/** What bounds the calls to a key service. */
export interface GateLimits {
  /** Calls that are under way at the same time. */
  readonly calls: number;
  /**
   * After a failure nobody is asked for so long, or for as long as the service asks for; twice as long after
   * each further one, up to the longest.
   */
  readonly pause: { readonly firstMs: number; readonly longestMs: number };
  /** Milliseconds; only differences count. */
  readonly nowMs: () => number;
}

/**
 * Lets few calls to a key service be under way at once, in the order in which they came, and none for a while
 * after it failed: then every call fails at once like the last one did, instead of holding up who waits.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  #failures = 0;
  #closedUntilMs = 0;
  #lastFailure: unknown;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  async pass<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseInPause();
    if (this.#underWay >= this.#limits.calls) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#underWay += 1;
    try {
      this.#refuseInPause();
      return await this.#counted(call);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }

  async #counted<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      this.#failures = 0;
      return result;
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  /**
   * Calls that were under way together fail together, and count once; the longest pause that the service asks
   * for in any of them holds.
   */
  #noteFailure(error: unknown): void {
    const { nowMs, pause } = this.#limits;
    const isFirst = nowMs() >= this.#closedUntilMs;
    if (isFirst) this.#failures += 1;
    const policy = { baseMs: pause.firstMs, capMs: pause.longestMs, spread: 0 };
    const ownMs = isFirst ? backoffDelayMs(policy, this.#failures, () => 0) : 0;
    const untilMs = nowMs() + pauseMsAfter(error, ownMs);
    if (untilMs <= this.#closedUntilMs) return;
    this.#closedUntilMs = untilMs;
    this.#lastFailure = error;
  }

  #refuseInPause(): void {
    if (this.#limits.nowMs() < this.#closedUntilMs) throw this.#lastFailure;
  }
}
