// Over 200 lines: what needs a key, by status, in the cluster, in trees and in their history.
import {
  type KeyRing,
  parseSealedSecret,
  type SealedSecret,
  SealedSecretsError,
  scopeOf,
  type ValueFacts,
} from '@fuin/crypto-core';
import type { Repository } from '../input/history/repository.ts';
import { sealedHistory } from '../input/history/sealed-history.ts';
import { factsOfValue } from '../input/sealed-format.ts';
import { sealedObjectsIn } from '../input/sealed-objects.ts';
import { type Failure, isFailure } from '../input/tree/failures.ts';
import { readTree } from '../input/tree/tree.ts';
import { sealingKeyOf } from '../inspect/sealing-key.ts';
import { type Fields, fieldsOf } from '../io/fields.ts';
import type { Io } from '../io/io.ts';
import { withProgress } from '../output/progress.ts';
import { isFingerprint } from './key-secret.ts';
import type { KeyStore } from './key-store.ts';
import { Outcomes } from './outcomes.ts';

/** Which SealedSecrets need which keys. */
export interface Needs {
  /** Names of SealedSecrets by the fingerprints of the keys that open an item of them. */
  readonly byKey: ReadonlyMap<string, readonly string[]>;
  /** Names of SealedSecrets with an item that no known key opens, or of which that is not known. */
  readonly unknown: readonly string[];
  /** Names of those among them that name no namespace, without which a value of format v1 cannot be tried. */
  readonly unplaced: readonly string[];
  /** How many SealedSecrets were looked at. */
  readonly looked: number;
  readonly failures: readonly Failure[];
}

/** Which SealedSecrets of a history need which keys, and how much of it was looked at. */
export interface HistoryNeeds extends Needs {
  readonly blobs: number;
  /** How many of the blobs hold the word SealedSecret. */
  readonly read: number;
}

type ProgressIo = Pick<Io, 'stderr' | 'env' | 'now'>;

/** Collects needs. */
class Ledger {
  readonly #byKey = new Map<string, string[]>();
  readonly #unknown: string[] = [];
  readonly #unplaced: string[] = [];
  readonly failures: Failure[] = [];
  #looked = 0;

  note(name: string, { fingerprints, isWhole, isPlaced = true }: Opening): void {
    this.#looked += 1;
    for (const each of fingerprints) {
      const names = this.#byKey.get(each) ?? [];
      if (names.length === 0) this.#byKey.set(each, names);
      names.push(name);
    }
    if (!isWhole) this.#unknown.push(name);
    if (!isWhole && !isPlaced) this.#unplaced.push(name);
  }

  get needs(): Needs {
    return {
      byKey: this.#byKey,
      unknown: this.#unknown,
      unplaced: this.#unplaced,
      looked: this.#looked,
      failures: this.failures,
    };
  }
}

interface Opening {
  readonly fingerprints: ReadonlySet<string>;
  /** Whether the key of every item is known. */
  readonly isWhole: boolean;
  /** False where a namespace is missing that values of format v1 are sealed for. */
  readonly isPlaced?: boolean;
}

/** What the statuses of the cluster's SealedSecrets say. No key is needed, and nothing is decrypted. */
export async function needsByStatus(store: Pick<KeyStore, 'sealedSecrets'>): Promise<Needs> {
  const ledger = new Ledger();
  for await (const object of store.sealedSecrets()) ledger.note(nameOf(object), statusOf(object));
  return ledger.needs;
}

/** What the keys of the ring open in the cluster. A status may be old or forged; this is proof. */
export async function needsOfCluster(
  store: Pick<KeyStore, 'sealedSecrets'>,
  ring: KeyRing,
  io: ProgressIo,
): Promise<Needs> {
  const ledger = new Ledger();
  await withProgress(io, { doing: 'trying the SealedSecrets of the cluster' }, async (step) => {
    for await (const object of store.sealedSecrets()) {
      ledger.note(nameOf(object), await openingOfObject(object, ring));
      step();
    }
  });
  return ledger.needs;
}

/** What the keys of the ring open in files and below directories. */
export async function needsOfTree(
  paths: readonly string[],
  ring: KeyRing,
  io: Pick<Io, 'cwd' | 'stdin'> & ProgressIo,
): Promise<Needs> {
  const ledger = new Ledger();
  await withProgress(io, { doing: 'trying the SealedSecrets of files' }, async (step) => {
    for await (const file of readTree(paths, io)) {
      for (const found of isFailure(file) ? [file] : await sealedObjectsIn(file)) {
        if (isFailure(found)) ledger.failures.push(found);
        else ledger.note(found.label, await openingOf(found.sealedSecret, ring));
        step();
      }
    }
  });
  return ledger.needs;
}

/**
 * What the keys of the ring open in every version of every file that a ref of a repository reaches. A value
 * that many versions have is tried once.
 */
export async function needsOfHistory(
  repository: Repository,
  ring: KeyRing,
  io: Pick<Io, 'env'> & ProgressIo,
): Promise<HistoryNeeds> {
  const ledger = new Ledger();
  const outcomes = new Outcomes();
  let [blobs, read] = [0, 0];
  await withProgress(io, { doing: `trying the history of ${repository.where}` }, async (step) => {
    for await (const file of sealedHistory(repository, io)) {
      blobs += 1;
      if (file.isRead) read += 1;
      for (const found of file.found) {
        if (isFailure(found)) ledger.failures.push(found);
        else ledger.note(found.label, await openingOf(found.sealedSecret, ring, outcomes));
      }
      step();
    }
  });
  return { ...ledger.needs, blobs, read };
}

/** An object of the cluster that cannot be read is opened by nothing. */
async function openingOfObject(object: Fields, ring: KeyRing): Promise<Opening> {
  try {
    return await openingOf(parseSealedSecret(object), ring);
  } catch (error) {
    if (error instanceof SealedSecretsError) return { fingerprints: new Set(), isWhole: false };
    throw error;
  }
}

/** Finds by trial which keys open the items of a SealedSecret. Plaintext is dropped at once. */
async function openingOf(
  sealedSecret: SealedSecret,
  ring: KeyRing,
  outcomes = new Outcomes(),
): Promise<Opening> {
  const { apiVersion, kind, metadata, spec } = sealedSecret;
  const known = { ring, dates: new Map<string, Date>(), current: undefined };
  const fingerprints = new Set<string>();
  let [isWhole, hasUntried] = [true, false];
  // the legacy data is one sealed value, and may stand beside items
  const owner = { apiVersion, kind, metadata };
  const legacy = spec.data === undefined ? [] : [['', spec.data] as const];
  for (const [item, sealed] of [...Object.entries(spec.encryptedData), ...legacy]) {
    const facts = factsOfValue(sealed);
    const fingerprint = await outcomes.of({ item, sealed }, owner, async () => {
      const found = await sealingKeyOf({ item, sealed }, owner, known);
      // what is not opened under these names may be under others, and a value of format v2 names its keys
      return found.evidence === 'opened' ? found.fingerprint : namedIn(facts, ring);
    });
    if (fingerprint === undefined) isWhole = false;
    else fingerprints.add(fingerprint);
    hasUntried ||= fingerprint === undefined && facts.format === 'v1';
  }
  const isPlaced = Boolean(metadata.namespace) || scopeOf(metadata.annotations) === 'cluster-wide';
  return { fingerprints, isWhole, isPlaced: isPlaced || !hasUntried };
}

/** The key of the ring that a value says opens it. */
function namedIn({ recipients }: ValueFacts, { keys }: KeyRing): string | undefined {
  return keys.find(({ id }) => recipients.includes(id))?.id;
}

function statusOf({ metadata, status }: Fields): Opening {
  const lastUnseal = fieldsOf(fieldsOf(status)['lastUnseal']);
  const values = Object.values(fieldsOf(lastUnseal['keys']));
  const fingerprints = values.filter(
    (each): each is string => typeof each === 'string' && isFingerprint(each),
  );
  const isCurrent = lastUnseal['generation'] === fieldsOf(metadata)['generation'];
  return { fingerprints: new Set(fingerprints), isWhole: isCurrent && fingerprints.length > 0 };
}

function nameOf({ metadata }: Fields): string {
  const { namespace, name } = fieldsOf(metadata);
  return `${String(namespace ?? '')}/${String(name ?? '')}`;
}
