import { ANNOTATIONS, KEY_ANNOTATIONS, KEY_TYPES, printable, SealedSecretsError } from '@fuin/crypto-core';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { RESTORE_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { type Fields, fieldsOf } from '../../io/fields.ts';
import { readBackup } from '../../keys/backup-file.ts';
import { type KnownKey, keysWithSecrets, newestOf } from '../../keys/inventory.ts';
import {
  isSecretOfV2,
  itemOf,
  LAST_APPLIED,
  marksOf,
  metadataOf,
  type SoundKey,
  soundKeyOf,
} from '../../keys/key-secret.ts';
import type { KeyStore } from '../../keys/key-store.ts';
import { type KeyChange, keyChangesAsJson } from '../../keys/report.ts';
import { withKeyCluster } from './cluster.ts';

type Given = CommandLine<typeof RESTORE_FLAGS>;

/**
 * `kubeseal keys restore FILE`: creates the key Secrets that are missing in the cluster. It changes none that
 * is there, so it may be run again.
 *
 * @throws ERR_KEY_INVALID for keys of the backup that are damaged; ERR_CONFLICT for a Secret of the same name
 *   with another key. The other keys are restored.
 */
export async function restoreKeys(given: Given, world: CommandWorld): Promise<void> {
  const { flags } = given;
  const { io, warn } = world;
  const [file = ''] = given.arguments;
  const secrets = await readBackup(file, flags.identity, io.cwd);
  const keys: KeyChange[] = [];
  const failures: Failure[] = [];
  await withKeyCluster(given, world, async ({ store, where }) => {
    const before = await keysWithSecrets(await store.listSecrets(), () => undefined);
    const present = new Map(
      before.flatMap(({ keyPair, name }) => (keyPair ? [[keyPair.id, name] as const] : [])),
    );
    const created: Fields[] = [];
    for (const secret of secrets) {
      const { name } = metadataOf(secret);
      const restored = await failureOf(name, () =>
        restoreKey(secret, store, { present, isDryRun: flags['dry-run'] }),
      );
      if (isFailure(restored)) failures.push(restored);
      else keys.push(restored);
      if (!isFailure(restored) && restored.change === 'created') created.push(secret);
    }
    const done = flags['dry-run'] ? 'would be created' : 'created';
    for (const { name, fingerprint, change } of keys)
      warn(`note: ${fingerprint} of ${name}: ${change === 'created' ? done : 'is there already'}, ${where}`);
    const newer = newerKey(before, await keysWithSecrets(created, () => undefined), io.now());
    if (newer)
      warn(
        `warning: ${newer.fingerprint} of the backup is newer than the key that people seal with now, and replaces it: make sure that the backup is yours. Its encryption does not prove that`,
      );
  });
  if (flags.json) await io.stdout.write(keyChangesAsJson(keys, failures, flags['dry-run']));
  throwFailures(failures);
}

/** The created key of a format that is sealed with from now on, where another one was before. */
function newerKey(
  before: readonly KnownKey[],
  created: readonly KnownKey[],
  now: Date,
): KnownKey | undefined {
  const newer = (['v1', 'v2'] as const).map((format) => {
    const [old, fresh] = [before, created].map((keys) => newestOf(keys, now, format));
    return old?.notBefore && fresh?.notBefore && fresh.notBefore > old.notBefore ? fresh : undefined;
  });
  return newer.find((key) => key !== undefined);
}

interface Restoring {
  readonly present: ReadonlyMap<string, string>;
  readonly isDryRun: boolean;
}

async function restoreKey(
  secret: Fields,
  store: KeyStore,
  { present, isDryRun }: Restoring,
): Promise<KeyChange> {
  const { name, label } = metadataOf(secret);
  const sound = await soundKeyOf(secret);
  if (label === '')
    throw new SealedSecretsError(
      'ERR_KEY_INVALID',
      `key Secret ${printable(name)} has no label of a sealing key`,
      {
        hint: 'a recovery key stays outside of clusters: re-encrypt with --recovery-private-key instead',
      },
    );
  const fingerprint = sound.keyPair.id;
  const holder = present.get(fingerprint);
  if (holder !== undefined) return { name: holder, fingerprint, change: 'unchanged' };
  const existing = await store.get(name);
  const isCreated =
    !existing && (isDryRun || (await store.create(restoredSecret(secret, sound, store.namespace))));
  if (isCreated) return { name, fingerprint, change: 'created' };
  // it was there before, or something else created it in between
  const holds = await fingerprintIn(existing ?? (await store.get(name)));
  if (holds === fingerprint) return { name, fingerprint, change: 'unchanged' };
  throw new SealedSecretsError(
    'ERR_CONFLICT',
    `a Secret ${printable(name)} exists that does not hold ${fingerprint}`,
    {
      hint: 'nothing was changed: rename the Secret in the backup, and restore it again. Never overwrite a key',
    },
  );
}

async function fingerprintIn(secret: Fields | undefined): Promise<string | undefined> {
  if (!secret) return undefined;
  const sound = await failureOf('', () => soundKeyOf(secret));
  return isFailure(sound) ? undefined : sound.keyPair.id;
}

/** The items of key Secrets, by their type. */
const ITEMS_OF: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  [KEY_TYPES.xWing]: ['seed', 'public-key'],
  [KEY_TYPES.split]: ['public-key', 'x25519-key', 'key-service'],
  [KEY_TYPES.held]: ['public-key', 'key-service'],
};

/**
 * The Secret to create: nothing but what a key Secret needs. Annotations that let SealedSecrets write into it
 * are left out, since the controller refuses such keys, and so are marks that say something else than the
 * key.
 */
function restoredSecret(secret: Fields, { facts }: SoundKey, namespace: string): Fields {
  const { name, label, labelName, annotations } = metadataOf(secret);
  const marks = marksOf({ annotations });
  const isTrue =
    marks?.fingerprint === facts.fingerprint &&
    Number(marks.notBefore) === Number(facts.notBefore) &&
    Number(marks.notAfter) === Number(facts.notAfter);
  const isOfV2 = isSecretOfV2(secret);
  const unwanted: readonly string[] = [
    ...Object.values(ANNOTATIONS),
    // a key of format v2 has its validity nowhere else
    ...(isTrue
      ? [KEY_ANNOTATIONS.replace, KEY_ANNOTATIONS.lastBackup]
      : Object.values(KEY_ANNOTATIONS)
    ).filter((key) => !(isOfV2 && key === KEY_ANNOTATIONS.validity)),
    LAST_APPLIED,
  ];
  const kept = Object.entries(annotations).filter(([key]) => !unwanted.includes(key));
  const labels = { ...fieldsOf(fieldsOf(secret['metadata'])['labels']), [labelName]: label };
  const base64 = (item: string) => [item, Buffer.from(itemOf(secret, item), 'latin1').toString('base64')];
  const type = isOfV2 ? String(secret['type']) : 'kubernetes.io/tls';
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels, annotations: Object.fromEntries(kept) },
    type,
    data: Object.fromEntries((ITEMS_OF[type] ?? []).map(base64)),
  };
}
