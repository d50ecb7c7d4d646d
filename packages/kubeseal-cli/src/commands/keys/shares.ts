import { unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { JOIN_FLAGS, SPLIT_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream, readInput } from '../../io/files.ts';
import { readIdentities, sharesIn } from '../../keys/custody/identities.ts';
import { formatShare, type Share } from '../../keys/custody/share.ts';
import {
  type GivenShare,
  joinShares,
  MOST_SHARES,
  newIdentity,
  recipientOf,
  splitIdentity,
} from '../../keys/custody/split.ts';
import { documentOf } from '../../keys/report.ts';
import { createFile } from '../../output/new-file.ts';

type Splitting = CommandLine<typeof SPLIT_FLAGS>;
type Joining = CommandLine<typeof JOIN_FLAGS>;

/** @throws ERR_USAGE for counts that are not possible */
export function checkSplit({ flags }: Splitting): void {
  const { threshold, shares } = flags;
  if (threshold < 2)
    throw usageError('--threshold is at least 2', 'one share alone would be the identity: then copy it');
  if (shares < threshold || shares > MOST_SHARES)
    throw usageError(`--shares is from ${threshold}, which is --threshold, to ${MOST_SHARES}`);
  if (flags.identity !== '' && flags['post-quantum'])
    throw usageError('--identity and --post-quantum exclude each other');
  if (isStream(flags.output) || flags.output === '')
    throw usageError('shares go to one file each', 'give -w share for share-1.txt, share-2.txt and so on');
}

/**
 * `kubeseal keys split`: writes the shares of an identity, a new one unless one is given, reads them back and
 * joins them. Prints the recipient.
 *
 * @throws ERR_USAGE where a file exists; then none of the files of this run stays
 */
export async function splitKeys({ flags }: Splitting, { io, warn }: CommandWorld): Promise<void> {
  const { threshold, shares: total, output, json } = flags;
  const identity = await identityToSplit(flags, io.cwd);
  const recipient = await recipientOf(identity);
  const shares = await splitIdentity(identity, { threshold, total });
  const files = shares.map(({ index }) => `${output}-${index}.txt`);
  const written: string[] = [];
  try {
    for (const [at, share] of shares.entries()) {
      const file = files[at] ?? '';
      await createFile(io.cwd, file, textOf(share), async (bytes) => void sharesIn(bytes, file));
      written.push(file);
    }
    await proveShares(files, { threshold, identity }, io.cwd);
  } catch (error) {
    for (const file of written) await unlink(resolve(io.cwd, file)).catch(() => undefined);
    throw error;
  }
  await io.stdout.write(json ? documentOf({ recipient, threshold, files }) : `${recipient}\n`);
  warn(`note: wrote ${files.join(', ')}; any ${threshold} of them were joined to the identity again`);
  warn('note: give each file to another person, and remove it here');
}

async function identityToSplit(flags: Splitting['flags'], cwd: string): Promise<string> {
  if (flags.identity === '') return newIdentity(flags['post-quantum']);
  const { age } = await readIdentities([flags.identity], cwd);
  const [identity] = age;
  if (identity !== undefined && age.length === 1) return identity.toUpperCase();
  throw new SealedSecretsError('ERR_KEY_INVALID', `${flags.identity} holds ${age.length} identities of age`, {
    hint: 'one can be split at a time',
  });
}

/** Every share takes part in one of the attempts. */
async function proveShares(
  files: readonly string[],
  { threshold, identity }: { readonly threshold: number; readonly identity: string },
  cwd: string,
): Promise<void> {
  const given = await readShares(files, cwd);
  for (const at of given.keys()) {
    const some = Array.from({ length: threshold }, (_, step) => given[(at + step) % given.length]);
    const joined = await joinShares(some.flatMap((each) => each ?? []));
    if (joined !== identity)
      throw new SealedSecretsError('ERR_KEY_INVALID', 'the shares do not give the identity back');
  }
}

/** @throws ERR_USAGE */
export function checkJoin({ flags }: Joining): void {
  if (flags.output === '')
    throw usageError('it is not said where the identity goes', 'give -w FILE, or -w - for a pipe to age');
  if (flags.json && isStream(flags.output))
    throw usageError('--json needs a file for the identity', 'give -w FILE');
}

/**
 * `kubeseal keys join SHARE...`: writes the identity that shares give.
 *
 * @throws ERR_KEY_INVALID for shares that do not give it
 */
export async function joinKeys(given: Joining, { io, warn }: CommandWorld): Promise<void> {
  const { output, json } = given.flags;
  const identity = await joinShares(await readShares(given.arguments, io.cwd));
  const recipient = await recipientOf(identity);
  const text = `# public key: ${recipient}\n${identity}\n`;
  if (isStream(output)) return io.stdout.write(text);
  await createFile(io.cwd, output, text, async (bytes) => {
    if (!Buffer.from(bytes).equals(Buffer.from(text)))
      throw new SealedSecretsError('ERR_KEY_INVALID', `${output} holds other bytes than were written`);
  });
  if (json) await io.stdout.write(documentOf({ recipient, file: output }));
  warn(`note: ${output} decrypts the backups by itself: remove it after use`);
}

async function readShares(files: readonly string[], cwd: string): Promise<GivenShare[]> {
  const shares: GivenShare[] = [];
  for (const file of files) {
    const found = sharesIn(await readInput(cwd, file), file);
    if (found.length === 0)
      throw new SealedSecretsError('ERR_KEY_INVALID', `${file} holds no share`, {
        hint: 'expected: a line that begins with kubeseal-share-1',
      });
    shares.push(...found);
  }
  return shares;
}

function textOf(share: Share): string {
  const { index, total, threshold, set } = share;
  return [
    `# Share ${index} of ${total} of split ${Buffer.from(set).toString('hex')}. Any ${threshold} of them decrypt the backups:`,
    '# kubeseal keys restore -i SHARE -i SHARE ... BACKUP, or kubeseal keys join for a file that age reads.',
    formatShare(share),
    '',
  ].join('\n');
}
