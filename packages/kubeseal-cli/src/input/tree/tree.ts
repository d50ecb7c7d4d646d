import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { fileError } from '@fuin/flags/errno';
import { decodeText } from '@fuin/manifests/text-encoding';
import { isStream, readWhole } from '../../io/files.ts';
import type { Input } from '../../io/inputs.ts';
import type { Io } from '../../io/io.ts';
import type { Failure } from './failures.ts';
import { IgnoreRules, rulesAbove } from './gitignore.ts';
import { isManifestName } from './manifest-name.ts';
import { trackedDespiteIgnore } from './tracked.ts';

/** A file that was read, and how arguments led to it. */
export interface TreeFile extends Input {
  /** Whether an argument names it, so that it must hold something; false for a file below a directory. */
  readonly isNamed: boolean;
  readonly isStdin: boolean;
}

/** The part of node:fs that a walk uses. */
export interface Disk {
  list(directory: string): readonly Dirent[];
  /** @param where for messages */
  read(file: string, where: string): Uint8Array;
  /** Follows links. */
  stat(path: string): Pick<Stats, 'isFile' | 'isDirectory' | 'size'>;
  /** What Git tracks below a directory although a .gitignore matches it, from the directory on. */
  tracked(directory: string): readonly string[];
}

/** The disk of this machine, and Git. */
export const DISK: Disk = {
  list: (directory) => readdirSync(directory, { withFileTypes: true }),
  read: readWhole,
  stat: (path) => statSync(path),
  tracked: trackedDespiteIgnore,
};
/** What is larger is data. An API server takes objects of 3 MiB at most. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const NEVER_ENTERED = new Set(['.git', 'node_modules']);

/** A file or directory that the walk has yet to visit. */
interface Place {
  readonly path: string;
  /** How messages call it. */
  readonly where: string;
  readonly isDirectory: boolean;
  /** For a directory: what is ignored in it, apart from its own .gitignore. */
  readonly rules: IgnoreRules;
}

/**
 * Reads the files that arguments name, one at a time: files of any name, `-` for stdin, and the YAML and JSON
 * files below directories, in the order of their paths. In directories .gitignore counts, `.git` and
 * `node_modules` are passed over, and links to directories are not followed. What Git tracks is read although
 * .gitignore matches it, after the others. A file that arguments name twice is read once.
 *
 * @returns the contents, and why something could not be read
 */
export async function* readTree(
  paths: readonly string[],
  { cwd, stdin }: Pick<Io, 'cwd' | 'stdin'>,
  disk: Disk = DISK,
): AsyncGenerator<TreeFile | Failure> {
  const visited = new Set<string>();
  for (const path of paths) {
    const key = isStream(path) ? path : resolve(cwd, path);
    if (visited.has(key)) continue;
    if (!isStream(path)) yield* walk(key, path, { disk, visited });
    else yield await failureOr(async () => stdinOf(await stdin.read()), 'stdin');
    visited.add(key);
  }
}

function stdinOf(bytes: Uint8Array): TreeFile {
  return { bytes, where: 'stdin', isNamed: true, isStdin: true };
}

interface Walk {
  readonly disk: Disk;
  readonly visited: Set<string>;
}

function* walk(path: string, given: string, { disk, visited }: Walk): Generator<TreeFile | Failure> {
  const root = attempt(() => disk.stat(path), given);
  if ('error' in root) return yield root;
  const isDirectory = root.isDirectory();
  const rules = isDirectory ? rulesAbove(path) : IgnoreRules.none;
  const open: Place[] = [{ path, where: join(given), isDirectory, rules }];
  for (let place = open.pop(); place; place = open.pop()) {
    if (visited.has(place.path)) continue;
    visited.add(place.path);
    if (place.isDirectory) {
      const { places, failures } = placesIn(place, disk);
      yield* failures;
      open.push(...places.reverse());
    } else
      yield attempt(() => ({ ...read(place, disk), isNamed: !isDirectory, isStdin: false }), place.where);
  }
  if (isDirectory) yield* trackedIn(path, given, { disk, visited });
}

/** Git does not ignore what it tracks: a check that passes over it would let it be pushed. */
function* trackedIn(
  directory: string,
  given: string,
  { disk, visited }: Walk,
): Generator<TreeFile | Failure> {
  for (const name of disk.tracked(directory)) {
    const path = join(directory, name);
    const isEntered = name.split('/').every((part) => !NEVER_ENTERED.has(part));
    if (visited.has(path) || !isEntered || !isManifestName(name) || isOther(path, disk)) continue;
    visited.add(path);
    const where = join(given, name);
    const place = { path, where, isDirectory: false, rules: IgnoreRules.none };
    yield attempt(() => ({ ...read(place, disk), isNamed: false, isStdin: false }), where);
  }
}

function read({ path, where }: Place, disk: Disk): Input {
  if (disk.stat(path).size > MAX_FILE_BYTES) throw tooLarge(where);
  return { bytes: disk.read(path, where), where };
}

/** What the walk visits in a directory, in order. */
function placesIn(place: Place, disk: Disk): { places: Place[]; failures: Failure[] } {
  const { path, where, rules } = place;
  const entries = attempt(() => disk.list(path), where);
  if ('error' in entries) return { places: [], failures: [entries] };
  const own = attempt(() => ownRules(place, entries, disk), join(where, '.gitignore'));
  const isReadable = !('error' in own);
  const all = isReadable && own.text !== '' ? rules.with(own.text) : rules;
  const places = entries
    .filter((entry) => isVisited(entry, join(path, entry.name), disk))
    .filter((entry) => !all.ignores(entry.name, entry.isDirectory()))
    .map((entry): Place => {
      const isDirectory = entry.isDirectory();
      const inside = isDirectory ? all.inside(entry.name) : IgnoreRules.none;
      return { path: join(path, entry.name), where: join(where, entry.name), isDirectory, rules: inside };
    });
  return { places: places.sort(inOrderOfPaths), failures: isReadable ? [] : [own] };
}

/** The .gitignore of a directory. Git does not follow a link here either. */
function ownRules({ path, where }: Place, entries: readonly Dirent[], disk: Disk): { text: string } {
  const hasOwn = entries.some((entry) => entry.name === '.gitignore' && entry.isFile());
  return { text: hasOwn ? decodeText(disk.read(join(path, '.gitignore'), join(where, '.gitignore'))) : '' };
}

/** Whether an entry of a directory may be a manifest or hold some: a link only if it leads to a file. */
function isVisited(entry: Dirent, path: string, disk: Disk): boolean {
  if (entry.isDirectory()) return !NEVER_ENTERED.has(entry.name);
  if (!isManifestName(entry.name)) return false;
  return entry.isFile() || (entry.isSymbolicLink() && !isOther(path, disk));
}

/** Whether a link leads to anything but a file. One that leads nowhere counts as a file that is missing. */
function isOther(path: string, disk: Disk): boolean {
  const target = attempt(() => disk.stat(path), path);
  return !('error' in target) && !target.isFile();
}

/** Like Git: `a.yaml` stands before what is in `a`. */
function inOrderOfPaths(a: Place, b: Place): number {
  const [left, right] = [a, b].map(({ path, isDirectory }) => (isDirectory ? `${path}/` : path));
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

function attempt<T extends object>(act: () => T, where: string): T | Failure {
  try {
    return act();
  } catch (error) {
    return { where, error: asFileError(error, where) };
  }
}

async function failureOr<T extends object>(act: () => Promise<T>, where: string): Promise<T | Failure> {
  return act().catch((error: unknown) => ({ where, error: asFileError(error, where) }));
}

/** @throws what is no error of a file: a bug */
function asFileError(error: unknown, where: string): SealedSecretsError {
  const known = error instanceof SealedSecretsError ? error : fileError(error, 'open', where);
  if (known instanceof SealedSecretsError) return known;
  throw known;
}

function tooLarge(where: string): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    `${where} is over ${MAX_FILE_BYTES / 1024 / 1024} MiB, which is too large for a manifest`,
  );
}
