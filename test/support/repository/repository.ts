import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeBase64, encodeUtf8, encryptionLabel, type Scope } from '@fuin/crypto-core';
import { backupOf, type ClusterKeys, clusterKeys } from './cluster-keys.ts';
import {
  deploymentText,
  draftText,
  type FileStyle,
  manifestText,
  type SealedObject,
} from './manifest-texts.ts';
import { seededRandom } from './random.ts';

/** What a made-up repository is like. */
export interface RepositoryPlan {
  /** SealedSecrets of all clusters together; 300 by default. */
  readonly count?: number;
  /** Names of the clusters; dev, stage and prod by default. */
  readonly clusters?: readonly string[];
  /** Part of the objects that the older key sealed, wholly or in one item; 0.4 by default, 1 for all. */
  readonly staleShare?: number;
  /** Items of each object; one to four by default. */
  readonly items?: number;
  /** Whether each file holds one SealedSecret in plain YAML; otherwise styles vary. */
  readonly isUniform?: boolean;
  readonly keyBits?: number;
  readonly seed?: number;
}

/** One SealedSecret of the repository. */
export interface RepositoryObject {
  readonly file: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly scope: Scope;
  /** Plaintext by item. */
  readonly values: Readonly<Record<string, string>>;
  /** Items that the older key sealed. */
  readonly stale: readonly string[];
}

/** A repository for several clusters, as files of one directory. */
export interface Repository {
  /** Content by path. Certificates are `clusters/NAME/cert.pem`, private keys `keys/NAME.pem`. */
  readonly files: Readonly<Record<string, string>>;
  readonly objects: readonly RepositoryObject[];
  /** By name of the cluster. */
  readonly keys: ReadonlyMap<string, ClusterKeys>;
}

/** Everything of an object but its ciphertext; the same in each cluster. */
type Outline = Omit<RepositoryObject, 'file' | 'cluster'>;

interface FileOutline {
  readonly path: string;
  readonly style: FileStyle;
  readonly objects: readonly Outline[];
}

const TEAMS = ['data', 'ops', 'pay', 'shop', 'web'];
const ITEMS = ['password', 'token', 'api-key', 'ca.crt'];
const DEFAULTS = {
  count: 300,
  clusters: ['dev', 'stage', 'prod'],
  staleShare: 0.4,
  items: 0,
  isUniform: false,
  keyBits: 2048,
  seed: 7,
} as const satisfies RepositoryPlan;

/**
 * Makes the repository: the same names, values and styles of files for the same plan, in each cluster sealed
 * with that cluster's keys. Between the SealedSecrets there are other manifests, and drafts that .gitignore
 * names.
 */
export async function makeRepository(plan: RepositoryPlan = {}): Promise<Repository> {
  const given = { ...DEFAULTS, ...plan };
  const files: Record<string, string> = { '.gitignore': 'keys/\n*.draft.yaml\n' };
  const objects: RepositoryObject[] = [];
  const keys = new Map<string, ClusterKeys>();
  for (const [at, cluster] of given.clusters.entries()) {
    const own = await clusterKeys(at, given.keyBits);
    keys.set(cluster, own);
    files[`clusters/${cluster}/cert.pem`] = own.certificate;
    files[`keys/${cluster}.pem`] = backupOf(own);
    const isFirst = at < given.count % given.clusters.length;
    const count = Math.floor(given.count / given.clusters.length) + (isFirst ? 1 : 0);
    for (const outline of outlinesOf(count, given)) {
      const file = `clusters/${cluster}/${outline.path}`;
      files[file] = manifestText(await sealAll(outline.objects, own), outline.style);
      objects.push(...outline.objects.map((object) => ({ ...object, file, cluster })));
    }
    if (!given.isUniform) Object.assign(files, bystanders(cluster));
  }
  return { files, objects, keys };
}

/** Writes the files of a repository below a directory. */
export async function writeRepository({ files }: Repository, directory: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(directory, dirname(name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
}

function bystanders(cluster: string): Record<string, string> {
  const files = TEAMS.flatMap((team) => [
    [`clusters/${cluster}/${team}/deployment.yaml`, deploymentText(team)],
    [`clusters/${cluster}/${team}/next.draft.yaml`, draftText(team)],
  ]);
  return Object.fromEntries(files);
}

function outlinesOf(count: number, plan: Required<RepositoryPlan>): FileOutline[] {
  const random = seededRandom(plan.seed);
  const outlines: FileOutline[] = [];
  for (let made = 0; made < count; ) {
    const style = plan.isUniform ? 'plain' : styleOf(random());
    const size = Math.min(style === 'list' || style === 'stream' ? 2 : 1, count - made);
    const team = TEAMS[outlines.length % TEAMS.length] ?? 'shop';
    const objects = Array.from({ length: size }, (_, at) => outlineOf(team, made + at, plan, random));
    const extension = style === 'json' ? 'json' : 'yaml';
    outlines.push({ path: `${team}/${objects[0]?.name}.${extension}`, style, objects });
    made += size;
  }
  return outlines;
}

function outlineOf(
  namespace: string,
  at: number,
  { items, staleShare }: Required<Pick<RepositoryPlan, 'items' | 'staleShare'>>,
  random: () => number,
): Outline {
  const name = `db-${String(at).padStart(4, '0')}`;
  const count = items || 1 + Math.floor(random() * ITEMS.length);
  const names = Array.from({ length: count }, (_, index) => ITEMS[index] ?? `item-${index}`);
  const values = names.map((item) => [item, `${item} of ${namespace}/${name}: ${random()}`]);
  const isStale = random() < staleShare;
  const isWhole = random() < 0.7 || staleShare === 1;
  return {
    namespace,
    name,
    scope: scopeAt(random()),
    values: Object.fromEntries(values),
    stale: isStale ? names.slice(0, isWhole ? count : 1) : [],
  };
}

async function sealAll(outlines: readonly Outline[], keys: ClusterKeys): Promise<SealedObject[]> {
  const sealed: SealedObject[] = [];
  for (const { namespace, name, scope, values, stale } of outlines) {
    const label = encryptionLabel(scope, namespace, name);
    const entries = Object.entries(values).map(async ([item, value]) => {
      const pair = stale.includes(item) ? keys.older : keys.newest;
      return [item, encodeBase64(await pair.seal(encodeUtf8(value), label))] as const;
    });
    sealed.push({ namespace, name, scope, sealed: Object.fromEntries(await Promise.all(entries)) });
  }
  return sealed;
}

function styleOf(chance: number): FileStyle {
  if (chance < 0.5) return 'plain';
  if (chance < 0.7) return 'commented';
  if (chance < 0.8) return 'windows';
  if (chance < 0.88) return 'stream';
  return chance < 0.95 ? 'list' : 'json';
}

function scopeAt(chance: number): Scope {
  if (chance < 0.8) return 'strict';
  return chance < 0.9 ? 'namespace-wide' : 'cluster-wide';
}
