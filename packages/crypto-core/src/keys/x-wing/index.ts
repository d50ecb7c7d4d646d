/**
 * Post-quantum keys and recipients for values of format v2 (docs/wire-format-v2.md). An entry of its own, so
 * that programs which seal for RSA alone load none of it.
 */

export type { ValueAlgorithms } from '../../value/v2.ts';
export { type Decapsulate, type KeyMaterial, XWingKeyPair } from './key-pair.ts';
export {
  type HeldKey,
  type HeldKeyMaterial,
  readHeldKey,
  readSplitKey,
  readXWingKey,
  type SplitKey,
  type SplitKeyMaterial,
  toHeldKey,
  toSplitKey,
  toXWingKey,
  type XWingKey,
} from './key-secret.ts';
export type { Opener } from './opener.ts';
export { groupRecipients, importRecipient, type XWingRecipient } from './recipient.ts';
export { formatRecipient, parseRecipient } from './recipient-string.ts';
export { type Algorithms, type Suite, suiteOf } from './suite.ts';
