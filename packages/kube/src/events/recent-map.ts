/** A map of bounded size that forgets what was used longest ago. */
export class RecentMap<Value> {
  readonly #maxSize: number;
  readonly #entries = new Map<string, Value>();

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of `key`, made by `make` when there is none; counts as a use. */
  getOrAdd(key: string, make: () => Value): Value {
    const value = this.#entries.get(key) ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#maxSize) this.#forgetOldest();
    return value;
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}
