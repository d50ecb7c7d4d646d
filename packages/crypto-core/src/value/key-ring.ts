import type { Envelope } from './format-table.ts';
import type { Key } from './key.ts';

/**
 * The keys that may open a value, newest first. The set is immutable; a ring only remembers which key
 * succeeded last, since neighbours tend to be sealed for the same one.
 *
 * @example
 * ```js
 * import { generateKeyPair, KeyRing } from '@fuin/crypto-core';
 *
 * const [older, newer] = [await generateKeyPair(2048), await generateKeyPair(2048)];
 * const ring = KeyRing.of(newer, older, newer);
 * console.log(ring.keys.length, ring.keys[0] === newer); // 2 true
 * ```
 */
export class KeyRing {
  readonly keys: readonly Key[];
  #lastOpened: Key | undefined;

  private constructor(keys: readonly Key[]) {
    this.keys = Object.freeze(keys);
  }

  /** A ring of these keys, newest first; a key that is given twice counts once. */
  static of(...keys: readonly Key[]): KeyRing {
    return new KeyRing([...new Map(keys.map((key) => [key.id, key])).values()]);
  }

  /**
   * Keys in the order in which they should be tried: hinted ones, the one that succeeded last, then newest
   * first. Every key that may open the value is in it once: a hint only changes the order.
   *
   * @param hints ids of keys
   */
  candidates(envelope: Envelope, hints: readonly string[] = []): Key[] {
    const hinted = hints.flatMap((hint) => this.keys.find(({ id }) => id === hint) ?? []);
    const recent = this.#lastOpened ? [this.#lastOpened] : [];
    const inOrder = new Set([...hinted, ...recent, ...this.keys]);
    return [...inOrder].filter((key) => key.mayOpen(envelope));
  }

  /** Remembers the key that just opened a value; a key that is not in the ring is ignored. */
  noteOpened(key: Key): void {
    if (this.keys.includes(key)) this.#lastOpened = key;
  }
}
