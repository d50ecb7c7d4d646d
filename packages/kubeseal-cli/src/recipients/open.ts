import type { Recipient } from '@fuin/crypto-core';
import { groupRecipients } from '@fuin/crypto-core/v2';
import type { Warn } from '../invocation/warnings.ts';
import type { Io } from '../io/io.ts';
import { newestServed, readServed } from './served.ts';
import { readRecipients } from './words.ts';

/** Where recipients of format v2 come from. */
export interface RecipientSource {
  /** Of --recipient or the settings; empty means those of the controller. */
  readonly words: readonly string[];
  /** Asks the controller, with what judges its answer. */
  fetch(check: (body: Uint8Array) => Promise<unknown>): Promise<Uint8Array>;
}

/**
 * Whom values of format v2 are sealed for: everyone who is named, else the newest key of the controller.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID, ERR_CERTIFICATE_INVALID, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function openRecipients(
  { words, fetch }: RecipientSource,
  { cwd, now }: Pick<Io, 'cwd' | 'now'>,
  warn: Warn,
): Promise<Recipient> {
  if (words.length > 0) {
    const [only, ...more] = await readRecipients(words, cwd);
    return only && more.length === 0 ? only : groupRecipients([...(only ? [only] : []), ...more]);
  }
  return newestServed(await readServed(await fetch(readServed)), now(), warn);
}
