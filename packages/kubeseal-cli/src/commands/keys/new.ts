import { KEY_TYPES, keyMarksOf } from '@fuin/crypto-core';
import { formatRecipient, toXWingKey, XWingKeyPair } from '@fuin/crypto-core/v2';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { NEW_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { formatBackup, parseBackup } from '../../keys/backup-file.ts';
import { soundKeyOf } from '../../keys/key-secret.ts';
import { documentOf } from '../../keys/report.ts';
import { createFile } from '../../output/new-file.ts';
import { nativeSuite } from '../../recipients/suite.ts';

type Given = CommandLine<typeof NEW_FLAGS>;

const NAME = 'recovery-key';
/** A recovery key is not renewed: it opens old values as well as new ones. */
const VALID_YEARS = 10;

/** @throws ERR_USAGE where no file is named: a private key is not printed */
export function fileOf({ flags: { output } }: Given): string {
  if (output === '' || isStream(output))
    throw usageError('it is not said where the private key goes', 'give -w FILE; it is never printed');
  return output;
}

/**
 * `kubeseal keys new -w FILE`: makes a key of format v2 that stays outside of clusters, and prints its
 * recipient. The file is a key Secret without the label of a sealing key, so that no controller takes it for
 * its own. What was written is read back, and opens a probe.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID
 */
export async function newKey(given: Given, { io, warn }: CommandWorld): Promise<void> {
  const file = fileOf(given);
  const suite = nativeSuite();
  const material = await XWingKeyPair.generate(suite);
  const { id, recipient } = await XWingKeyPair.of(material, suite);
  const notBefore = io.now();
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALID_YEARS);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: NAME, annotations: keyMarksOf(id, { notBefore, notAfter }) },
    type: KEY_TYPES.xWing,
    data: toXWingKey(material),
  };
  material.seed.fill(0);
  await createFile(io.cwd, file, formatBackup([secret]), (bytes) => checkWritten(bytes, file, id));
  const word = formatRecipient(recipient.publicKey);
  await io.stdout.write(given.flags.json ? documentOf({ id, recipient: word, file }) : `${word}\n`);
  warn(`note: wrote the private key ${id} to ${file}: keep it away from clusters and repositories`);
}

/** @throws ERR_KEY_INVALID unless the file holds that key */
async function checkWritten(bytes: Uint8Array, file: string, id: string): Promise<void> {
  const [secret = {}] = await parseBackup(bytes, file);
  const { keyPair } = await soundKeyOf(secret);
  if (keyPair.id !== id) throw usageError(`${file} holds another key than was written`);
}
