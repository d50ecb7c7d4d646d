import { type Bytes, decodeUtf8 } from '@fuin/crypto-core';

/** The text that bytes are in UTF-8; undefined for other bytes. */
export function textOf(bytes: Bytes): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch {
    return undefined;
  }
}
