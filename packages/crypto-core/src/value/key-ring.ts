import type { KeyPair } from '../keys/key-pair.ts';
import type { Envelope } from './envelope.ts';

/**
 * The key pairs that may open a value, newest first. The set is immutable; a ring only remembers which key
 * succeeded last, since neighbours tend to be sealed with the same one.
 */
export class KeyRing {
  readonly keys: readonly KeyPair[];
  #lastOpened: KeyPair | undefined;

  private constructor(keys: readonly KeyPair[]) {
    this.keys = Object.freeze(keys);
  }

  /** A ring of these keys, newest first; a key given twice counts once. */
  static of(...keys: readonly KeyPair[]): KeyRing {
    return new KeyRing([...new Map(keys.map((key) => [key.fingerprint, key])).values()]);
  }

  /** The key to seal with; undefined for an empty ring. */
  get newest(): KeyPair | undefined {
    return this.keys[0];
  }

  /**
   * Keys in the order in which they should be tried: hinted ones, the one that succeeded last, then newest first.
   * Every key of the right size is in it once: a hint only changes the order.
   */
  candidates({ wrappedKey }: Pick<Envelope, 'wrappedKey'>, hints: readonly string[] = []): KeyPair[] {
    const hinted = hints.flatMap((hint) => this.keys.find(({ fingerprint }) => fingerprint === hint) ?? []);
    const recent = this.#lastOpened ? [this.#lastOpened] : [];
    const inOrder = new Set([...hinted, ...recent, ...this.keys]);
    return [...inOrder].filter(({ modulusBytes }) => modulusBytes === wrappedKey.length);
  }

  /** Remembers the key that just opened a value; a key that is not in the ring is ignored. */
  noteOpened(key: KeyPair): void {
    if (this.keys.includes(key)) this.#lastOpened = key;
  }
}
