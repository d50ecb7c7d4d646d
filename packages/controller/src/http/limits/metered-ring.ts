import { KeyRing } from '@fuin/crypto-core';

/** A ring that counts how often a key did not open a value. */
export interface MeteredRing {
  readonly ring: KeyRing;
  readonly misses: () => number;
}

/** The same keys for one request, whose trials of wrong keys are bounded over all of its objects. */
export function meteredRing({ keys }: KeyRing): MeteredRing {
  let misses = 0;
  const metered = keys.map((key) => ({
    id: key.id,
    mayOpen: key.mayOpen.bind(key),
    open: async (...value: Parameters<typeof key.open>) => {
      const opened = await key.open(...value);
      if (opened === null) misses += 1;
      return opened;
    },
  }));
  return { ring: KeyRing.of(...metered), misses: () => misses };
}
