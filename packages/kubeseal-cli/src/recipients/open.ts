import type { Recipient } from '@fuin/crypto-core';
import { formatRecipient, groupRecipients, type XWingRecipient } from '@fuin/crypto-core/v2';
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
  source: RecipientSource,
  io: Pick<Io, 'cwd' | 'now'>,
  warn: Warn,
): Promise<Recipient> {
  const all = await readAll(source, io, warn);
  const [only] = all;
  return only && all.length === 1 ? only : groupRecipients(all);
}

/** The same as text: a line for each, as --recipient reads it. @throws like openRecipients */
export async function recipientLines(
  source: RecipientSource,
  io: Pick<Io, 'cwd' | 'now'>,
  warn: Warn,
): Promise<string> {
  const all = await readAll(source, io, warn);
  return all.map(({ publicKey }) => `${formatRecipient(publicKey)}\n`).join('');
}

async function readAll(
  { words, fetch }: RecipientSource,
  { cwd, now }: Pick<Io, 'cwd' | 'now'>,
  warn: Warn,
): Promise<XWingRecipient[]> {
  if (words.length > 0) return readRecipients(words, cwd);
  return [newestServed(await readServed(await fetch(readServed)), now(), warn)];
}
