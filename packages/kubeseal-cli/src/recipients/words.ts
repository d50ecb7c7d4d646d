import { SealedSecretsError } from '@fuin/crypto-core';
import { importRecipient, parseRecipient, type XWingRecipient } from '@fuin/crypto-core/v2';
import { decodeText } from '@fuin/manifests/text-encoding';
import { usageError } from '../invocation/usage-error.ts';
import { readInput } from '../io/files.ts';
import { nativeSuite } from './suite.ts';

/** As many as a value has (docs/wire-format-v2.md §1). */
const MAX_RECIPIENTS = 16;
/** Sixteen recipients and long comments are a small part of it. */
const MAX_FILE_BYTES = 256 * 1024;

/** A recipient as somebody wrote it, and where. */
interface Written {
  readonly text: string;
  /** `--recipient 2`, `line 3 of team.txt`. */
  readonly where: string;
}

/**
 * The recipients that --recipient or the settings name: each a word that begins with fuin1, or a file with
 * one in each line. Empty lines and those that begin with # are passed over.
 *
 * @throws ERR_USAGE for none, more than 16, or one twice; ERR_KEY_INVALID for one that is damaged. What
 *   stands there is not quoted: it may be a private key
 */
export async function readRecipients(words: readonly string[], cwd: string): Promise<XWingRecipient[]> {
  const written: Written[] = [];
  for (const [at, word] of words.entries())
    written.push(
      ...(/^fuin1/i.test(word) ? [{ text: word, where: `recipient ${at + 1}` }] : await linesOf(word, cwd)),
    );
  if (written.length > MAX_RECIPIENTS)
    throw usageError(`${written.length} recipients are named, and a value has at most ${MAX_RECIPIENTS}`);
  const recipients = new Map<string, { readonly where: string; readonly recipient: XWingRecipient }>();
  for (const { text, where } of written) {
    const recipient = await recipientOf(text, where);
    const before = recipients.get(recipient.id);
    if (before) throw usageError(`${where} is the same key as ${before.where}`, 'name each recipient once');
    recipients.set(recipient.id, { where, recipient });
  }
  return [...recipients.values()].map(({ recipient }) => recipient);
}

async function linesOf(file: string, cwd: string): Promise<Written[]> {
  const bytes = await readInput(cwd, file, 'recipient');
  if (bytes.length > MAX_FILE_BYTES) throw usageError(`${file} is too large for a file of recipients`);
  const lines = decodeText(bytes).split('\n');
  const found = lines.flatMap((line, at) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [{ text, where: `line ${at + 1} of ${file}` }];
  });
  if (found.length === 0) throw usageError(`${file} holds no recipient`, 'write one (fuin1...) in each line');
  return found;
}

async function recipientOf(text: string, where: string): Promise<XWingRecipient> {
  try {
    return await importRecipient(parseRecipient(text), nativeSuite());
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    throw new SealedSecretsError('ERR_KEY_INVALID', `${where}: ${error.message}`, {
      hint: 'kubeseal keys new prints a recipient, and kubeseal --fetch-cert --format-version 2 that of the controller',
    });
  }
}
