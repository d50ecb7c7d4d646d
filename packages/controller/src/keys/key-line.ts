import type { ValueFormat } from '@fuin/crypto-core';
import type { SealingKey } from './key-secret.ts';

/** Clocks of a cluster differ. A key that begins later than this must not be used for sealing yet. */
const CLOCK_SKEW_MS = 300_000;

/** A key of the ring. */
export interface RingKey extends SealingKey {
  /**
   * False for a Secret without label, which is older than labels, or was created by anyone who may choose a
   * name: its key only opens values.
   */
  readonly isServable: boolean;
}

/** The keys of one format at one moment, of which the newest is sealed with. */
export class KeyLine {
  readonly #inOrder: readonly RingKey[];
  readonly #nowMs: number;

  /** @param inOrder keys of any format, newest first */
  constructor(format: ValueFormat, inOrder: readonly RingKey[], now: Date) {
    this.#inOrder = inOrder.filter(({ isServable, keyPair }) => isServable && keyPair.format === format);
    this.#nowMs = now.getTime();
  }

  /**
   * The key to seal with; undefined while there is none. A key whose certificate begins in the future opens
   * values, but is served before its time only if there is no other: after a clock is set back, people must
   * still get a certificate.
   */
  get newest(): RingKey | undefined {
    return this.newestBegun ?? this.#inOrder.at(-1);
  }

  /** A key from the future would stop renewal until then, and does not count. */
  get newestBegun(): RingKey | undefined {
    return this.#inOrder.find((key) => this.#hasBegun(key));
  }

  /** The keys that one may seal with now, newest first. */
  get valid(): readonly RingKey[] {
    return this.#inOrder.filter((key) => this.#hasBegun(key) && key.notAfter.getTime() > this.#nowMs);
  }

  #hasBegun({ notBefore }: RingKey): boolean {
    return notBefore.getTime() <= this.#nowMs + CLOCK_SKEW_MS;
  }
}
