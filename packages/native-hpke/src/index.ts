/**
 * The algorithms of suite 1 (docs/wire-format-v2.md §3) by node:crypto, for `suiteOf` of crypto-core. They
 * take a fraction of the time of Web Crypto, which hops between threads for each step, and Node prints no
 * warning about them. Only programs for Node load this package.
 */
import type { Algorithms } from '@fuin/crypto-core/v2';
import { nativeAead } from './aead.ts';
import { nativeKdf } from './kdf.ts';
import { nativeKem } from './kem.ts';
import { nativeOpener } from './opener.ts';
import { NATIVE_VALUE } from './value.ts';

export { drawCurveHalf, heldDecapsulation, splitDecapsulation } from './split.ts';

/** All of them by OpenSSL. */
export const NATIVE_ALGORITHMS = {
  kem: nativeKem,
  kdf: nativeKdf,
  aead: nativeAead,
  open: nativeOpener,
  value: NATIVE_VALUE,
} satisfies Algorithms;
