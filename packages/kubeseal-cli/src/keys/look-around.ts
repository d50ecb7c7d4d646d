import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type KeyRing, SealedSecretsError } from '@fuin/crypto-core';
import { openHistory, type Repository } from '../input/history/repository.ts';
import type { Failure } from '../input/tree/failures.ts';
import { isStream } from '../io/files.ts';
import type { Io } from '../io/io.ts';
import type { KeyStore } from './key-store.ts';
import { type Needs, needsOfCluster, needsOfHistory, needsOfTree } from './needs.ts';

/** How much was tried: what a proof that nothing needs a key is about. */
export interface LookedAt {
  /** SealedSecrets of the cluster, and of trees. */
  readonly cluster: number;
  readonly trees: number;
  readonly histories: readonly {
    readonly repository: string;
    readonly refs: number;
    readonly commits: number;
    readonly blobs: number;
    /** Blobs that hold the word SealedSecret. */
    readonly blobsRead: number;
    /** SealedSecrets of them. */
    readonly sealedSecrets: number;
  }[];
}

/** What needs a key. */
export interface Looked {
  /** Names of SealedSecrets of the cluster and the trees. */
  readonly now: readonly string[];
  /** Names of those of the history. */
  readonly before: readonly string[];
  readonly failures: readonly Failure[];
  readonly lookedAt: LookedAt;
}

/** Where to look. */
interface Places {
  readonly tree: readonly string[];
  readonly history: boolean;
}

/** Tries the keys of the ring on every sealed value of cluster and places. @throws ERR_USAGE */
export async function lookAround(
  { tree: paths, history }: Places,
  store: KeyStore,
  ring: KeyRing,
  io: Io,
): Promise<Looked> {
  const repositories = history ? repositoriesOf(paths, io) : []; // refused before anything is tried
  const cluster = await needsOfCluster(store, ring, io);
  const trees = await needsOfTree(paths, ring, io);
  const before: string[] = [];
  const failures: Failure[] = [...trees.failures, ...trees.unplaced.map(unplacedFailure)];
  const histories: LookedAt['histories'][number][] = [];
  for (const repository of repositories) {
    const needs = await needsOfHistory(repository, ring, io);
    before.push(...namesIn(needs));
    failures.push(...needs.failures, ...needs.unplaced.map(unplacedFailure));
    const { where, refs, commits } = repository;
    const { blobs, read: blobsRead, looked: sealedSecrets } = needs;
    histories.push({ repository: where, refs, commits, blobs, blobsRead, sealedSecrets });
  }
  const lookedAt = { cluster: cluster.looked, trees: trees.looked, histories };
  return { now: [...namesIn(cluster), ...namesIn(trees)], before, failures, lookedAt };
}

/** Why nobody knows whether a SealedSecret needs the key. */
function unplacedFailure(where: string): Failure {
  const message = `${where} names no namespace, so the key cannot be tried on its values of format v1`;
  const hint = 'give --tree what is applied (kubectl kustomize, helm template), or retire with --force';
  return { where, error: new SealedSecretsError('ERR_MANIFEST_INVALID', message, { hint }) };
}

/** One sentence on what was looked at. */
export function lookedAtText({ cluster, trees, histories }: LookedAt): string {
  const past = histories.map(
    ({ repository, refs, commits, blobs, sealedSecrets }) =>
      `, ${sealedSecrets} in the history of ${repository} (${refs} refs, ${commits} commits, ${blobs} blobs)`,
  );
  return `the key was tried on the SealedSecrets of the cluster: ${cluster}, of trees: ${trees}${past.join('')}`;
}

function namesIn({ byKey }: Needs): string[] {
  return [...byKey.values()].flat();
}

/** The repositories that the paths are in, each once. @throws ERR_USAGE */
function repositoriesOf(paths: readonly string[], { cwd, env }: Pick<Io, 'cwd' | 'env'>): Repository[] {
  const files = paths.filter((path) => !isStream(path));
  const repositories = new Map<string, Repository>();
  for (const path of files.length > 0 ? files : ['.']) {
    const place = resolve(cwd, path);
    const isDirectory = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? true;
    const repository = openHistory(isDirectory ? place : dirname(place), path, { env });
    if (!repositories.has(repository.commonDirectory))
      repositories.set(repository.commonDirectory, repository);
  }
  return [...repositories.values()];
}
