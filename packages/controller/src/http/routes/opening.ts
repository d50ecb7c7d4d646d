import type { OpenOptions } from '@fuin/crypto-core';

/**
 * How verify and rotate open: the first item that stays closed decides, and few at once leave the reconciler its share. An
 * object that was added to over the years holds items of a few keys, each item of a hostile one can be for another.
 */
export const OPENING: OpenOptions = { itemsAtOnce: 4, stopsAtFailure: true, maxMisses: 1_000 };
