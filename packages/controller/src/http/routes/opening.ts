import type { OpenOptions } from '@fuin/crypto-core';

/** How verify and rotate open: the first item that stays closed decides, and few at once leave the reconciler its share. */
export const OPENING: OpenOptions = { itemsAtOnce: 4, stopsAtFailure: true };
