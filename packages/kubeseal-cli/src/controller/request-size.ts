import type { SealedSecret } from '@fuin/crypto-core';

/** What an object adds to a request. */
export interface Load {
  readonly items: number;
  readonly characters: number;
}

/** Our controller accepts 1,024 objects in a request, and 3 MiB. */
const MAX_OBJECTS = 1_000;
const MAX_CHARACTERS = 1_500_000;
/** Until it is known how fast the controller is. With RSA-4096, two cores need less than half a second. */
const FIRST_ITEMS = 256;
const MOST_ITEMS = 1_024;
/** A controller so slow that it does fewer makes one wait after each request: then few requests are best. */
const LEAST_ITEMS = 128;
const ITEMS_OF_FEW_REQUESTS = 512;
/**
 * A controller takes two requests a second, and a request for which it opens values longer than half a second
 * makes the next one wait as long again (docs/controller.md#http).
 */
const REQUEST_MS = 450;

/**
 * How much goes into one bulk request: as much as the controller is likely to do in the time that it gives a
 * request for free. Its answers show how fast it is; another machine, and other users of it, change that.
 */
export class RequestSize {
  #items = FIRST_ITEMS;

  /** How many of the objects that wait go into the next request, from the first on; one goes in any case. */
  countOf(loads: Iterable<Load>): number {
    let [count, items, characters] = [0, 0, 0];
    for (const load of loads) {
      items += load.items;
      characters += load.characters;
      const isOver = items > this.#items || characters > MAX_CHARACTERS || count === MAX_OBJECTS;
      if (count > 0 && isOver) return count;
      count += 1;
    }
    return count;
  }

  /** A request of so many items took so long. One that is much smaller than it might be says little. */
  learn(items: number, ms: number): void {
    if (items < this.#items / 2) return;
    const possible = Math.floor((items * REQUEST_MS) / Math.max(1, ms));
    this.#items = possible < LEAST_ITEMS ? ITEMS_OF_FEW_REQUESTS : Math.min(MOST_ITEMS, possible);
  }
}

export function loadOf({ spec }: SealedSecret): Load {
  const values = Object.values(spec.encryptedData);
  return { items: values.length, characters: values.reduce((sum, { length }) => sum + length, 0) };
}
