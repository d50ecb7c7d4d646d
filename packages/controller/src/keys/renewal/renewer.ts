import { backoffDelayMs } from '@fuin/kube/time';
import type { KeyConfig } from '../../config/config.ts';
import { describeError } from '../../log.ts';
import { type GenerationDeps, generateKey } from '../generation.ts';
import { nextRenewal } from './renewal.ts';

const PAUSES = { baseMs: 500, capMs: 60_000, spread: 0 };
/**
 * Timers hold 31 bits of milliseconds and drift while a machine sleeps: look again after an hour at the
 * latest.
 */
const LONGEST_SLEEP_MS = 3_600_000;

/** What renewing keys needs, in addition to creating one. */
export interface RenewerDeps extends GenerationDeps {
  readonly config: Pick<KeyConfig, 'ttlMs' | 'renewPeriodMs' | 'cutoff'>;
  /** Resolves after `delayMs`, or when the signal aborts. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

/** Creates keys of one format when they are due, and at once on request. One at a time. */
export class KeyRenewer {
  readonly #deps: RenewerDeps;
  #tail: Promise<unknown> = Promise.resolve();
  #wake = new AbortController();

  constructor(deps: RenewerDeps) {
    this.#deps = deps;
    deps.registry.onChange(() => this.#wake.abort());
  }

  /**
   * Makes sure that there is a sufficiently new key, until `signal` aborts. Failures are logged and retried.
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const waitMs = this.#untilDueMs();
      if (this.#isReplacementAsked && this.#isOnlyKeyThere) this.#refuse();
      if (waitMs > 0) {
        await this.#sleep(Math.min(waitMs, LONGEST_SLEEP_MS), signal);
        continue;
      }
      const isMade = await this.#generate(() => this.#untilDueMs() <= 0);
      failures = isMade ? 0 : failures + 1;
      if (!isMade) await this.#deps.sleep(pauseMs(failures), signal);
    }
  }

  /**
   * Creates a key now, whatever the schedule says (SIGUSR1). Tries until there is one. From the second
   * attempt on, a key that is as new as the request counts: the server may have carried out the first
   * attempt, even if its answer was lost.
   */
  async generateNow(signal: AbortSignal): Promise<void> {
    if (this.#isOnlyKeyThere) return this.#refuse();
    // certificates count in whole seconds
    const orderedMs = Math.floor(this.#deps.now().getTime() / 1000) * 1000;
    const isMissing = () => (this.#newestSince?.getTime() ?? 0) < orderedMs;
    const isDue = (failures: number) => !this.#isOnlyKeyThere && (failures === 0 || isMissing());
    for (let failures = 0; !signal.aborted; failures += 1) {
      if (await this.#generate(() => isDue(failures))) return;
      await this.#deps.sleep(pauseMs(failures + 1), signal);
    }
  }

  get #newestSince(): Date | undefined {
    const { registry, maker } = this.#deps;
    return registry.newestSince(maker.format);
  }

  /** Whether there is the one key that the maker can make. */
  get #isOnlyKeyThere(): boolean {
    const { registry, maker } = this.#deps;
    return maker.only !== undefined && registry.isHeld(maker.only);
  }

  get #isReplacementAsked(): boolean {
    return this.#deps.registry.isReplacementAsked(this.#deps.maker.format);
  }

  #refuse(): void {
    const { log, maker } = this.#deps;
    const hint = 'make another version of the key there, and name it first in --split-key';
    log.warn('no new key: the key service holds the same one', { wrapper: maker.only, hint });
  }

  #untilDueMs(): number {
    const { maker, config, now } = this.#deps;
    if (maker.only !== undefined) return this.#isOnlyKeyThere ? Number.POSITIVE_INFINITY : 0;
    const due = nextRenewal({
      newest: this.#newestSince,
      periodMs: config.renewPeriodMs,
      cutoff: config.cutoff,
      isReplacementAsked: this.#isReplacementAsked,
      now: now(),
    });
    return due ? due.getTime() - now().getTime() : Number.POSITIVE_INFINITY;
  }

  #generate(isStillDue: () => boolean): Promise<boolean> {
    const attempt = async (): Promise<boolean> => {
      try {
        await generateKey(this.#deps, isStillDue);
        return true;
      } catch (error) {
        this.#deps.log.error('cannot generate a new key, will retry', describeError(error));
        return false;
      }
    };
    const result = this.#tail.then(attempt);
    this.#tail = result;
    return result;
  }

  /** Sleeps, but wakes up on a change of the keys: another key may be the newest now. */
  async #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    this.#wake = new AbortController();
    await this.#deps.sleep(delayMs, AbortSignal.any([signal, this.#wake.signal]));
  }
}

function pauseMs(failures: number): number {
  return backoffDelayMs(PAUSES, failures, Math.random);
}
