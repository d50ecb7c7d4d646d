import { SealedSecretsError } from '@fuin/crypto-core';
import { formatOfKey } from '../../input/sealed-format.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { BACKUP_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Fields } from '../../io/fields.ts';
import { isStream } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { cleanKeySecret, formatBackup, parseBackup } from '../../keys/backup-file.ts';
import { decryptWith, type Identities, readIdentities } from '../../keys/custody/identities.ts';
import { type Recipients, readRecipients } from '../../keys/custody/recipients.ts';
import { partTexts } from '../../keys/kept-elsewhere.ts';
import { metadataOf, REFUSED, soundKeyOf } from '../../keys/key-secret.ts';
import { noteBackup } from '../../keys/note-backup.ts';
import { type KeyChange, keyChangesAsJson } from '../../keys/report.ts';
import { counted } from '../../output/counted.ts';
import { checkCreatable, createFile } from '../../output/new-file.ts';
import { withKeyCluster } from './cluster.ts';
import { plainKeySecrets, type ReadableSecret } from './plain-secrets.ts';

type Given = CommandLine<typeof BACKUP_FLAGS>;

/** @throws ERR_USAGE where it is not said where the backup goes, or that it may be in the clear */
export function checkBackup({ flags }: Given): void {
  if (flags.output === '')
    throw usageError('it is not said where the backup goes', 'give -w FILE, or -w - for stdout');
  if (flags.plain && flags.to.length > 0) throw usageError('--plain and --to exclude each other');
  if (!flags.plain && flags.to.length === 0)
    throw usageError(
      'it is not said who can decrypt the backup',
      'give --to RECIPIENT of age or --to CERTIFICATE, or --plain for private keys in the clear',
    );
  if (flags.plain && flags.identity.length > 0) throw usageError('--identity needs --to');
  if (flags.json && isStream(flags.output))
    throw usageError('--json needs a file for the backup', 'give -w FILE');
}

/**
 * `kubeseal keys backup -w FILE --to RECIPIENT`: writes all key Secrets that can be used. Each key opens a
 * probe before it is written, and what was written is read back.
 *
 * @throws ERR_KEY_INVALID for key Secrets that cannot be used, after the others were written
 */
export async function backupKeys(given: Given, world: CommandWorld): Promise<void> {
  const { flags } = given;
  const { io, warn } = world;
  const recipients = flags.plain ? undefined : await readRecipients(flags.to, io.cwd);
  const identities = flags.identity.length > 0 ? await readIdentities(flags.identity, io.cwd) : undefined;
  const { keys, secrets, failures } = await withKeyCluster(given, world, async ({ store, where }) => {
    const found = await soundSecrets(
      await plainKeySecrets(store, flags['key-wrapper'], world),
      store.namespace,
    );
    if (found.keys.length === 0) throw noKeys(where, found.failures);
    refuseOwnKeys(found.keys, recipients);
    const text = formatBackup(found.secrets);
    const content = recipients ? await recipients.encrypt(Buffer.from(text)) : text;
    const check = (bytes: Uint8Array) =>
      checkContent(bytes, { content, keys: found.keys, recipients, identities });
    await writeBackup(flags, content, io, check);
    if (!flags['dry-run'] && isNoted(given)) await noteBackup(found.saved, store, io.now(), warn);
    return found;
  });
  if (flags.json) await io.stdout.write(keyChangesAsJson(keys, failures, flags['dry-run']));
  for (const each of noteTexts(given, keys.length, recipients?.count)) warn(each);
  if (
    recipients &&
    !recipients.isPostQuantum &&
    keys.some(({ fingerprint }) => formatOfKey(fingerprint) === 'v2')
  )
    warn(WEAK_RECIPIENTS);
  for (const each of partTexts(secrets)) warn(each);
  throwFailures(failures);
}

const WEAK_RECIPIENTS =
  'warning: keys of format v2 withstand quantum computers, and this backup does not: give --to age1pq... (kubeseal keys split --post-quantum, age-keygen -pq), or keep it where nobody can copy it';

/** What goes to stdout, or is in the clear, may be for the moment and not to keep. */
function isNoted({ flags, changed }: Given): boolean {
  return changed.has('note') ? flags.note : !flags.plain && !isStream(flags.output);
}

/** A person who lost the keys could not open their backup. */
function refuseOwnKeys(keys: readonly KeyChange[], recipients: Recipients | undefined): void {
  const own = keys.find(({ fingerprint }) => recipients?.keys.includes(fingerprint));
  if (own)
    throw usageError(
      `the certificate is that of the sealing key ${own.name}, which is in the backup`,
      'give a certificate whose private key is kept elsewhere',
    );
}

interface Found {
  /** Cleaned, for the backup. */
  readonly secrets: readonly Fields[];
  /** The same as the cluster has them. */
  readonly saved: readonly Fields[];
  readonly keys: readonly KeyChange[];
  readonly failures: readonly Failure[];
}

/**
 * Those that can be used, cleaned. A refused key is left out: somebody else knows it. A key that is there
 * both wrapped and in the clear, after a migration that was interrupted, is written once.
 */
async function soundSecrets(all: readonly ReadableSecret[], namespace: string): Promise<Found> {
  const secrets: Fields[] = [];
  const saved: Fields[] = [];
  const keys: KeyChange[] = [];
  const failures: Failure[] = [];
  for (const { stored, plain } of all) {
    const { name, label } = metadataOf(plain);
    if (label === REFUSED) continue;
    const sound = await failureOf(name, () => soundKeyOf(plain));
    if (isFailure(sound)) {
      failures.push(sound);
      continue;
    }
    const { id: fingerprint } = sound.keyPair;
    saved.push(stored);
    if (keys.some((key) => key.name === name && key.fingerprint === fingerprint)) continue;
    secrets.push(cleanKeySecret(plain, namespace));
    keys.push({ name, fingerprint, change: 'saved' });
  }
  return { secrets, saved, keys, failures };
}

/** In a dry run, what would be written is judged, and goes nowhere. @throws ERR_USAGE, ERR_KEY_INVALID */
async function writeBackup(
  { output: file, 'dry-run': isDryRun }: Given['flags'],
  content: string,
  io: Pick<Io, 'cwd' | 'stdout'>,
  check: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  if (!isDryRun && !isStream(file)) return createFile(io.cwd, file, content, check);
  if (!isStream(file)) await checkCreatable(io.cwd, file);
  await check(Buffer.from(content));
  if (!isDryRun) await io.stdout.write(content);
}

interface Expected {
  readonly content: string;
  readonly keys: readonly KeyChange[];
  /** Undefined for a backup in the clear. */
  readonly recipients: Recipients | undefined;
  /** Undefined where nothing that decrypts it is at hand. */
  readonly identities: Identities | undefined;
}

/**
 * Judges what was read back: the same bytes, the key for each recipient, and with an identity the same
 * keys, each of which opens a probe again.
 *
 * @throws ERR_KEY_INVALID
 */
async function checkContent(
  bytes: Uint8Array,
  { content, keys, recipients, identities }: Expected,
): Promise<void> {
  if (!Buffer.from(bytes).equals(Buffer.from(content)))
    throw unlike('the file holds other bytes than were written');
  if (recipients && (await recipients.countIn(content)) !== recipients.count)
    throw unlike('it is not encrypted to all recipients');
  if (recipients && !identities) return;
  const plain = recipients && identities ? await decryptWith(identities, bytes, 'the new backup') : bytes;
  const read = await parseBackup(plain, 'the new backup');
  const fingerprints: string[] = [];
  for (const secret of read) fingerprints.push((await soundKeyOf(secret)).keyPair.id);
  if (fingerprints.join() !== keys.map(({ fingerprint }) => fingerprint).join())
    throw unlike('it holds other keys than the cluster');
}

function* noteTexts({ flags }: Given, keys: number, recipients = 0): Generator<string> {
  const where = isStream(flags.output) ? 'stdout' : flags.output;
  const how = flags.plain ? 'in the clear' : `encrypted to ${counted(recipients, 'recipient')}`;
  if (flags['dry-run'])
    return yield `note: would have written ${counted(keys, 'key')} to ${where}, ${how}; each opened a probe`;
  if (isStream(flags.output)) yield 'note: what stdout leads to was not read back';
  yield `note: wrote ${counted(keys, 'key')} to ${where}, ${how}; each opened a probe`;
  if (flags.plain)
    yield `warning: ${where} opens every SealedSecret of the cluster: keep it where root passwords are`;
  else if (flags.identity.length === 0)
    yield `note: it was not decrypted; try it where the identity or the private key is: kubeseal keys verify -i FILE ${where}`;
}

function noKeys(where: string, failures: readonly Failure[]): SealedSecretsError {
  const reasons = failures.map(({ error }) => `\nerror: ${error.message}`).join('');
  return new SealedSecretsError('ERR_KEY_INVALID', `there is no key in ${where} that can be used${reasons}`, {
    hint: 'give --controller-namespace if the controller is elsewhere',
  });
}

function unlike(reason: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `the backup is not good: ${reason}`);
}
