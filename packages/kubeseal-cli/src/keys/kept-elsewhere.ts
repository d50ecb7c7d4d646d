import { KEY_TYPES } from '@fuin/crypto-core';
import type { Fields } from '../io/fields.ts';

/** Whether a key Secret holds a half of a key, whose other half is in a key service. */
export function isSplit(secret: Fields): boolean {
  return secret['type'] === KEY_TYPES.split;
}

/** Whether a key Secret names a key that a key service holds whole: then nothing in it is secret. */
export function isHeld(secret: Fields): boolean {
  return secret['type'] === KEY_TYPES.held;
}

/** What a backup does not hold of these keys, for a person. */
export function* partTexts(secrets: readonly Fields[]): Generator<string> {
  const halves = secrets.filter(isSplit).length;
  if (halves > 0)
    yield `warning: of ${halves} of them only a half is in the backup, which opens nothing: the other half never leaves its key service`;
  const held = secrets.filter(isHeld).length;
  if (held > 0)
    yield `warning: of ${held} of them nothing secret is in the backup, only the public key and its name in a key service, which alone holds the private key: no probe was opened with it`;
}

/** What reading a key Secret has proven, for a person. */
export function proofOf(secret: Fields): string {
  if (isHeld(secret))
    return 'is a public key and the name of a key service, which alone holds the private key: nothing here is secret, and nothing was opened';
  if (isSplit(secret))
    return 'is a half that fits its public key; what is sealed for it opens with its key service only';
  return 'opens what is sealed for it';
}
