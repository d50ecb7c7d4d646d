import { openWrapper, rewrapSecretData, type SecretData, wrappedBy, wrapperNamesIn } from '@fuin/cloud';
import { KEY_LABEL, printable, SEALING_KEY_LABEL, SealedSecretsError } from '@fuin/crypto-core';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { WRAP_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Fields } from '../../io/fields.ts';
import { isHeld, isSplit } from '../../keys/kept-elsewhere.ts';
import {
  canReplace,
  contextOf,
  dataOf,
  isKept,
  proveKey,
  toPlain,
  toWrapped,
  type Wrappers,
} from '../../keys/key-forms.ts';
import { isWrapped, metadataOf } from '../../keys/key-secret.ts';
import type { KeyStore } from '../../keys/key-store.ts';
import { type KeyChange, keyChangesAsJson } from '../../keys/report.ts';
import { withKeyCluster } from './cluster.ts';

type Given = CommandLine<typeof WRAP_FLAGS>;

/** @throws ERR_USAGE */
export function checkWrapping({ flags }: Given): void {
  if (wrapperNamesIn(flags['key-wrapper']).length > 0) return;
  throw usageError('--key-wrapper is missing', 'such as --key-wrapper vault:transit/sealed-secrets');
}

/** `kubeseal keys wrap`. @throws the errors of all keys that stay as they are, as one */
export function wrapKeys(given: Given, world: CommandWorld): Promise<void> {
  return changeKeys(given, world, {
    // a half opens nothing, and a key that a key service holds is not here: there is nothing to wrap
    isMeant: (secret) => !isWrapped(secret) && !isSplit(secret) && !isHeld(secret),
    change: (secret, run) => moveKey(secret, run, 'wrapped'),
  });
}

/** `kubeseal keys unwrap`. @throws the errors of all keys that stay as they are, as one */
export function unwrapKeys(given: Given, world: CommandWorld): Promise<void> {
  return changeKeys(given, world, {
    isMeant: isWrapped,
    change: (secret, run) => moveKey(secret, run, 'unwrapped'),
  });
}

/** `kubeseal keys rewrap`. @throws the errors of all keys that stay as they are, as one */
export function rewrapKeys(given: Given, world: CommandWorld): Promise<void> {
  return changeKeys(given, world, { isMeant: isWrapped, change: rewrapKey });
}

/** What one run works with. */
interface Run {
  readonly store: KeyStore;
  readonly wrappers: Wrappers;
  readonly isDryRun: boolean;
}

interface Change {
  isMeant(secret: Fields): boolean;
  change(secret: Fields, run: Run): Promise<KeyChange>;
}

/**
 * Changes one key after the other, oldest first, so that their order by age stays. One that fails stops no
 * other.
 */
async function changeKeys({ flags, ...given }: Given, world: CommandWorld, work: Change): Promise<void> {
  const isDryRun = flags['dry-run'];
  const keys: KeyChange[] = [];
  const failures: Failure[] = [];
  const wrappers = await openWrappers(flags['key-wrapper'], world);
  try {
    await withKeyCluster({ flags, ...given }, world, async ({ store, where }) => {
      const secrets = (await keySecretsOf(store)).filter((each) => isKept(each) && work.isMeant(each));
      for (const secret of secrets) {
        const { name } = metadataOf(secret);
        const changed = await failureOf(name, () => work.change(secret, { store, wrappers, isDryRun }));
        if (isFailure(changed)) failures.push(changed);
        else keys.push(changed);
      }
      for (const each of keys) world.warn(`note: ${textOf(each, isDryRun)}, ${where}`);
      if (secrets.length === 0) world.warn(`note: there is nothing to do in ${where}`);
    });
  } finally {
    await Promise.all(wrappers.map((each) => each.close()));
  }
  if (flags.json) await world.io.stdout.write(keyChangesAsJson(keys, failures, isDryRun));
  throwFailures(failures);
}

/** Opens the key services of a list, of which the first wraps. @throws ERR_USAGE */
export async function openWrappers(text: string, { io }: Pick<CommandWorld, 'io'>): Promise<Wrappers> {
  const [first = '', ...others] = wrapperNamesIn(text);
  const open = (name: string) => openWrapper(name, { env: io.env });
  return [await open(first), ...(await Promise.all(others.map(open)))];
}

async function keySecretsOf(store: KeyStore): Promise<Fields[]> {
  const lists = [await store.listLabelled(KEY_LABEL), await store.listLabelled(SEALING_KEY_LABEL)];
  const ageOf = (secret: Fields) => metadataOf(secret).createdAt?.getTime() ?? 0;
  return lists.flat().sort((a, b) => ageOf(a) - ageOf(b));
}

/**
 * Proves the key, creates the other form beside it, reads that back and proves it, and only then deletes the
 * first one. After an interruption both are there, and the next run goes on with the second half.
 */
async function moveKey(
  secret: Fields,
  { store, wrappers, isDryRun }: Run,
  change: 'wrapped' | 'unwrapped',
): Promise<KeyChange> {
  const proven = await proveKey(secret, wrappers);
  const { fingerprint } = proven;
  const other = change === 'wrapped' ? await toWrapped(secret, proven, wrappers[0]) : toPlain(secret, proven);
  const { name } = metadataOf(other);
  const version = change === 'wrapped' ? versionOf(dataOf(other)) : {};
  if (isDryRun) return { name, fingerprint, change, ...version };
  await store.create(other); // if it is there already, it is proven like a new one
  if (!canReplace(await provenStored(name, fingerprint, { store, wrappers }), secret))
    throw conflict(
      name,
      'cannot take the place of this key: its label differs, or it may go or be written by others',
    );
  await store.remove(secret);
  return { name, fingerprint, change, ...version };
}

async function rewrapKey(secret: Fields, { store, wrappers, isDryRun }: Run): Promise<KeyChange> {
  const { fingerprint } = await proveKey(secret, wrappers);
  const { name } = metadataOf(secret);
  const before = dataOf(secret);
  const data = await rewrapSecretData(before, contextOf(secret), wrappers);
  await proveKey({ ...secret, data }, wrappers);
  const rewrapped: KeyChange = { name, fingerprint, change: 'rewrapped', ...versionOf(data) };
  if (isSameVersion(before, data)) return { ...rewrapped, change: 'unchanged' };
  if (isDryRun) return rewrapped;
  const { wrapper = '' } = data;
  await store.change(secret, { wrapper });
  await provenStored(name, fingerprint, { store, wrappers });
  return rewrapped;
}

/** Whether a key was wrapped by the newest version of the service's key already. */
function isSameVersion(before: SecretData, after: SecretData): boolean {
  const [was, is] = [wrappedBy(before), wrappedBy(after)];
  return was.keyVersion !== undefined && was.wrapper === is.wrapper && was.keyVersion === is.keyVersion;
}

function versionOf(data: SecretData): Pick<KeyChange, 'keyVersion'> {
  const { keyVersion } = wrappedBy(data);
  return keyVersion === undefined ? {} : { keyVersion };
}

/**
 * A key Secret as the server has it, which was opened again.
 *
 * @throws ERR_CONFLICT where it holds another key
 */
async function provenStored(
  name: string,
  fingerprint: string,
  { store, wrappers }: Pick<Run, 'store' | 'wrappers'>,
): Promise<Fields> {
  const stored = await store.get(name);
  const proven = stored && (await proveKey(stored, wrappers));
  if (stored && proven?.fingerprint === fingerprint && isKept(stored)) return stored;
  throw conflict(name, `is not a key Secret that holds ${fingerprint}`);
}

function conflict(name: string, reason: string): SealedSecretsError {
  return new SealedSecretsError('ERR_CONFLICT', `Secret ${printable(name)} exists and ${reason}`, {
    hint: 'nothing was deleted: rename or delete that Secret, and run the command again',
  });
}

function textOf({ name, fingerprint, change, keyVersion }: KeyChange, isDryRun: boolean): string {
  const would = isDryRun && change !== 'unchanged' ? 'would be' : 'is';
  const by = keyVersion === undefined ? '' : ` by version ${keyVersion} of the key`;
  return `${fingerprint} ${would} ${change} in ${name}${by}`;
}
