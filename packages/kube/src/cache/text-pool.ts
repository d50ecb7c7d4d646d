/** V8 shares shorter texts itself; longer ones, such as sealed values, hardly ever come twice. */
const [SHORTEST, LONGEST] = [11, 128];
/** Names and uids come once each: then the pool starts over, and what is common comes into it again. */
const MAX_TEXTS = 2_000;

/**
 * Keeps one copy of texts that come again and again: API versions, times, fingerprints, namespaces. JSON
 * that is parsed has a copy for each place.
 */
export class TextPool {
  readonly #texts = new Map<string, string>();

  /**
   * Puts shared texts into an object that was just parsed, and returns it; parts that are frozen stay.
   * Without recursion, like deepFreeze.
   */
  share<Value extends object>(object: Value): Value {
    const pending: object[] = [object];
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (Object.isFrozen(part)) continue;
      const fields = part as Record<string, unknown>;
      for (const key of Object.keys(fields)) {
        const child = fields[key];
        if (typeof child === 'string') fields[key] = this.#shared(child);
        else if (typeof child === 'object' && child !== null) pending.push(child);
      }
    }
    return object;
  }

  #shared(text: string): string {
    if (text.length < SHORTEST || text.length > LONGEST) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** Number of texts that are held. */
  get size(): number {
    return this.#texts.size;
  }
}
