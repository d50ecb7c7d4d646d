import type { Bytes } from '@fuin/crypto-core';

interface Entry {
  readonly secret: Bytes;
  readonly expiresAtMs: number;
}

/** How much is kept, and until when. */
export interface CacheLimits {
  readonly entries: number;
  /** Counts from when the secret came, whether it is used or not. */
  readonly lifetimeMs: number;
  /** Milliseconds; only differences count. */
  readonly nowMs: () => number;
  /** Calls back once; keeps no process alive. */
  readonly later: (delayMs: number, work: () => void) => void;
}

/**
 * Secrets that a key service gave, for a while. All are zeroed when they are dropped. The oldest makes room
 * for a new one.
 */
export class SecretCache {
  readonly #limits: CacheLimits;
  /** In the order in which they came, which is the order in which they expire. */
  readonly #entries = new Map<string, Entry>();
  #isSweepDue = false;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A copy, which the caller zeroes. */
  get(name: string): Bytes | undefined {
    this.#sweep();
    return this.#entries.get(name)?.secret.slice();
  }

  /** Keeps a copy. */
  set(name: string, secret: Bytes): void {
    const { entries, lifetimeMs, nowMs } = this.#limits;
    this.#drop(name);
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= entries) this.#drop(oldest);
    this.#entries.set(name, { secret: secret.slice(), expiresAtMs: nowMs() + lifetimeMs });
    this.#sweepLater();
  }

  clear(): void {
    for (const name of [...this.#entries.keys()]) this.#drop(name);
  }

  #drop(name: string): void {
    this.#entries.get(name)?.secret.fill(0);
    this.#entries.delete(name);
  }

  #sweep(): void {
    const now = this.#limits.nowMs();
    for (const [name, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > now) return;
      this.#drop(name);
    }
  }

  /** Secrets go at their time even if nobody asks again. */
  #sweepLater(): void {
    const [oldest] = this.#entries.values();
    if (!oldest || this.#isSweepDue) return;
    this.#isSweepDue = true;
    this.#limits.later(Math.max(0, oldest.expiresAtMs - this.#limits.nowMs()), () => {
      this.#isSweepDue = false;
      this.#sweep();
      this.#sweepLater();
    });
  }
}
