import { KEY_ANNOTATIONS, KeyRing, SealedSecretsError } from '@fuin/crypto-core';
import { throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { RETIRE_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { Fields } from '../../io/fields.ts';
import { type KnownKey, keysWithSecrets, newestKeys } from '../../keys/inventory.ts';
import { ACTIVE, metadataOf, REFUSED, RETIRED } from '../../keys/key-secret.ts';
import type { KeyStore } from '../../keys/key-store.ts';
import { type Looked, type LookedAt, lookAround, lookedAtText } from '../../keys/look-around.ts';
import { type KeyChange, keyChangesAsJson } from '../../keys/report.ts';
import { withKeyCluster } from './cluster.ts';

type Given = CommandLine<typeof RETIRE_FLAGS>;

/** How much of a fingerprint names a key. */
const SHORTEST_PREFIX = 8;
/** Labels of keys that open values; the legacy key has none. */
const IN_SERVICE = [ACTIVE, ''];
/** How many SealedSecrets an error names. */
const MOST_NAMED = 20;
const SEAL_AGAIN =
  'seal them again first: kubeseal --re-encrypt. --force retires the key although they can then no longer be opened';
const ONLY_BEFORE =
  'only the history of Git needs it: a return to those commits would. --force retires the key; its Secret stays, and --undo takes it back into service';

/** @throws ERR_USAGE for what is no fingerprint, or its first characters */
export function fingerprintOf({ arguments: [given = ''], flags }: Given): string {
  const isV2 = given.startsWith('v2:');
  const text = given.replace(/^SHA256:/, '');
  if (!(isV2 ? /^v2:[0-9a-f]{8,32}$/ : /^[A-Za-z0-9+/]{8,43}$/).test(text))
    throw usageError(
      'the first argument is no fingerprint',
      `write SHA256:... or v2:... as kubeseal keys list prints it; the first ${SHORTEST_PREFIX} characters suffice`,
    );
  if (flags.undo && (flags.force || flags.history || flags.tree.length > 0))
    throw usageError('--undo needs neither --force nor --tree nor --history');
  return isV2 ? text : `SHA256:${text}`;
}

/**
 * `kubeseal keys retire FINGERPRINT`: takes a key out of service by the label of its Secret, which stays. It
 * refuses while the key opens anything in the cluster, in the given trees or, on request, in their history.
 * Statuses are not believed: every sealed value is tried.
 *
 * @throws ERR_FINDINGS naming what needs the key; ERR_USAGE for a key that does not exist or is the newest
 */
export async function retireKey(given: Given, world: CommandWorld): Promise<void> {
  const fingerprint = fingerprintOf(given);
  const { flags } = given;
  const changed = await withKeyCluster(given, world, async ({ store, where }) => {
    const secrets = await store.listSecrets();
    const keys = await keysWithSecrets(secrets, world.warn);
    const meant = chosen(keys, fingerprint, where);
    const label = flags.undo ? ACTIVE : RETIRED;
    const annotations = { [KEY_ANNOTATIONS.retired]: flags.undo ? null : world.io.now().toISOString() };
    const isDone = ({ status }: KnownKey) => (flags.undo ? status === ACTIVE : !IN_SERVICE.includes(status));
    const isLooking = !flags.undo && !meant.every(isDone);
    if (flags.undo) refuseRefused(meant);
    const lookedAt = isLooking ? await refuseNeeded(given, world, { store, keys, meant }) : undefined;
    const changes = meant.map((key): KeyChange => changeOf(key, isDone(key), flags.undo));
    for (const key of flags['dry-run'] ? [] : meant.filter((each) => !isDone(each))) {
      const secret = secretNamed(secrets, key.name);
      await store.mark(secret, { labels: { [metadataOf(secret).labelName]: label }, annotations });
    }
    return { changes, lookedAt };
  });
  const { changes, lookedAt } = changed;
  if (flags.json)
    await world.io.stdout.write(
      keyChangesAsJson(changes, [], flags['dry-run'], lookedAt ? { lookedAt } : {}),
    );
  if (lookedAt) world.warn(`note: ${lookedAtText(lookedAt)}`);
  for (const each of changes) world.warn(`note: ${textOf(each, flags['dry-run'])}`);
}

/** The keys that a fingerprint or its beginning names: one pair, perhaps in several Secrets. */
function chosen(keys: readonly KnownKey[], start: string, where: string): KnownKey[] {
  const meant = keys.filter(({ fingerprint }) => fingerprint.startsWith(start));
  const all = new Set(meant.map(({ fingerprint }) => fingerprint));
  if (all.size === 0)
    throw usageError(`no key in ${where} has the fingerprint ${start}`, 'kubeseal keys list shows them');
  if (all.size > 1)
    throw usageError(`${all.size} keys have fingerprints that begin with ${start}`, 'write more of it');
  return meant;
}

function refuseRefused(keys: readonly KnownKey[]): void {
  if (keys.every(({ status }) => status !== REFUSED)) return;
  throw usageError(
    'the controller refused this key, since the author of a SealedSecret knows it',
    'docs/reference/annotations.md says what to do if it is yours',
  );
}

interface Retiring {
  readonly store: KeyStore;
  readonly keys: readonly KnownKey[];
  readonly meant: readonly KnownKey[];
}

/** @returns what was looked at @throws ERR_FINDINGS, ERR_USAGE, unless --force is given: then it warns */
async function refuseNeeded(
  { flags }: Given,
  { io, warn }: CommandWorld,
  { store, keys, meant }: Retiring,
): Promise<LookedAt> {
  const newest = newestKeys(keys, io.now()).map(({ fingerprint }) => fingerprint);
  const isNewest = meant.some(({ fingerprint }) => newest.includes(fingerprint));
  if (isNewest && !flags.force)
    throw usageError('the key is the newest, with which people seal now', 'run kubeseal keys rotate first');
  const ring = KeyRing.of(...meant.flatMap(({ keyPair }) => keyPair ?? []));
  if (ring.keys.length === 0)
    throw new SealedSecretsError(
      'ERR_KEY_INVALID',
      'the private key cannot be read, so it is not known what needs it',
    );
  const looked = await lookAround(flags, store, ring, io);
  if (!flags.force) throwFailures(looked.failures);
  if (looked.now.length + looked.before.length > 0) refuseNames(looked, flags.force, warn);
  return looked.lookedAt;
}

/** @throws ERR_FINDINGS, unless it is forced: then it warns */
function refuseNames({ now, before }: Pick<Looked, 'now' | 'before'>, isForced: boolean, warn: Warn): void {
  const needing = [...now, ...before];
  const count =
    needing.length === 1 ? '1 SealedSecret needs this key' : `${needing.length} SealedSecrets need this key`;
  const message = `${count}: ${named(needing)}`;
  if (isForced) warn(`warning: ${message}; ${needing.length === 1 ? 'it' : 'they'} can no longer be opened`);
  else
    throw new SealedSecretsError('ERR_FINDINGS', message, {
      hint: now.length > 0 ? SEAL_AGAIN : ONLY_BEFORE,
    });
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

function changeOf({ name, fingerprint }: KnownKey, isDone: boolean, isUndone: boolean): KeyChange {
  if (isDone) return { name, fingerprint, change: 'unchanged' };
  return { name, fingerprint, change: isUndone ? 'reactivated' : 'retired' };
}

function textOf({ name, fingerprint, change }: KeyChange, isDryRun: boolean): string {
  const would = isDryRun ? 'would be' : 'is';
  if (change === 'unchanged') return `${fingerprint} of ${name} is so already`;
  if (change === 'reactivated') return `${fingerprint} of ${name} ${would} in service again`;
  return `${fingerprint} of ${name} ${would} out of service; kubeseal keys retire --undo takes it back`;
}

function secretNamed(secrets: readonly Fields[], name: string): Fields {
  return secrets.find((secret) => metadataOf(secret).name === name) ?? {};
}
