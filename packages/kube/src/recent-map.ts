/** A map of bounded size that forgets what was used longest ago. */
export class RecentMap<Value> {
  readonly #maxSize: number;
  readonly #entries = new Map<string, Value>();

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** The value of `key`; asking is no use. */
  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** Sets the value of `key`; counts as a use. */
  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#maxSize) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  /** The value of `key`, made by `make` when there is none; counts as a use. */
  getOrAdd(key: string, make: () => Value): Value {
    const value = this.#entries.get(key) ?? make();
    this.set(key, value);
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
