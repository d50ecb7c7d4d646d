import { visible } from '@fuin/crypto-core';

/** A document for programs. What a terminal obeys is escaped, which JSON may do with any character. */
export function jsonText(document: unknown): string {
  return `${visible(JSON.stringify(document, undefined, 2))}\n`;
}
