import { readFile } from 'node:fs/promises';
import { type MonotonicClock, systemClock } from '../time/clock.ts';

const MAX_AGE_MS = 30_000;

/** A small text file that others replace now and then: read anew when older than half a minute, or when asked to. */
export class CachedFile {
  readonly #path: string;
  readonly #clock: MonotonicClock;
  #text: string | undefined;
  #readMs = 0;

  constructor(path: string, clock: MonotonicClock = systemClock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** The text; the last known one while the file cannot be read. Rejects only when it never could. */
  async read(isStale = false): Promise<string> {
    if (this.#text !== undefined && !isStale && this.#clock.now() - this.#readMs < MAX_AGE_MS)
      return this.#text;
    try {
      this.#text = await readFile(this.#path, 'utf8');
      this.#readMs = this.#clock.now();
    } catch (error) {
      if (this.#text === undefined) throw error;
    }
    return this.#text;
  }
}
