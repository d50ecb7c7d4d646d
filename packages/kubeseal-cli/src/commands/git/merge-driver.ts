import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { withPrivateDirectory, writePrivately } from '../../io/private-directory.ts';
import { git } from './git-process.ts';
import { isReadable, preparedVersions, type Versions } from './merge-items.ts';

/** What Git takes for a conflict. */
const EXIT_CONFLICT = 1;
/** What `git merge-file` ends with: the number of conflicts, at most 127. */
const CONFLICT_CODES = Array.from({ length: 128 }, (_, count) => count);

/** Reads the arguments that Git gives the merge driver: `%O %A %B %P %L`. @throws ERR_USAGE */
export function readMerge(given: readonly string[]): {
  readonly files: Versions<string>;
  readonly markerSize: string;
} {
  const [base, ours, theirs, , markerSize = '7'] = given;
  if (base === undefined || ours === undefined || theirs === undefined)
    throw usageError('git merge-driver needs BASE OURS THEIRS');
  if (!/^\d{1,4}$/.test(markerSize)) throw usageError('the size of conflict markers is not a number');
  return { files: { base, ours, theirs }, markerSize };
}

/**
 * `kubeseal git merge-driver -- %O %A %B %P %L`: merges SealedSecrets item by item into OURS. Items that both
 * sides changed get Git's ordinary conflict markers. What cannot be merged item by item is merged by lines.
 */
export async function mergeDriver(given: readonly string[], world: CommandWorld): Promise<void> {
  const { files, markerSize } = readMerge(given);
  const { io } = world;
  const read = (name: string) => new Uint8Array(readFileSync(resolve(io.cwd, name)));
  const versions = { ours: read(files.ours), base: read(files.base), theirs: read(files.theirs) };
  const prepared = await preparedVersions(versions).catch((error: unknown) => {
    if (error instanceof SealedSecretsError) return undefined; // it cannot be read: merged by lines
    throw error;
  });
  const { content, hasConflict } = await mergePrepared(prepared, versions, markerSize, io);
  writeFileSync(resolve(io.cwd, files.ours), content);
  if (hasConflict) world.endWith(EXIT_CONFLICT);
}

/** A clean result that nobody could read is not taken: the versions are then merged as they are. */
async function mergePrepared(
  prepared: Versions<Uint8Array> | undefined,
  versions: Versions<Uint8Array>,
  markerSize: string,
  io: Io,
): Promise<Merged> {
  const merged = prepared && (await mergeLines(prepared, markerSize, io));
  if (merged && (merged.hasConflict || (await isReadable(merged.content)))) return merged;
  return mergeLines(versions, markerSize, io);
}

interface Merged {
  readonly content: Uint8Array;
  readonly hasConflict: boolean;
}

async function mergeLines(versions: Versions<Uint8Array>, markerSize: string, io: Io): Promise<Merged> {
  return withPrivateDirectory(io.env, async ({ path }) => {
    const names = (['ours', 'base', 'theirs'] as const).map((side) => {
      writePrivately(join(path, side), versions[side]);
      return join(path, side);
    });
    const labels = ['ours', 'base', 'theirs'].flatMap((label) => ['-L', label]);
    const args = ['merge-file', '-p', '--marker-size', markerSize, ...labels, ...names];
    const { code, bytes } = git(args, io, { expected: CONFLICT_CODES });
    return { content: bytes, hasConflict: code > 0 };
  });
}
