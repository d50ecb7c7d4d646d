import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandWorld } from '../../invocation/command.ts';
import { readCommandLine } from '../../invocation/command-line.ts';
import { commandOf } from '../../invocation/find-command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { withPrivateDirectory, writePrivately } from '../../io/private-directory.ts';
import { git } from './git-process.ts';

const MANIFEST = /\.(?:ya?ml|json)$/i;
/** `:100644 100644 OLD NEW M` NUL `PATH` NUL. Paths hold anything else, so all entries are read in turn. */
const CHANGE = /:\d+ (\d+) [0-9a-f]+ ([0-9a-f]+) [A-Z]\d*\0([^\0]*)\0/gy;
/** Links and submodules have other modes. */
const FILE_MODE = /^100\d{3}$/;

/**
 * `kubeseal git pre-commit`: runs `kubeseal check` on the manifests that the next commit changes, as they are
 * in the index and not in the working tree.
 *
 * @throws ERR_FINDINGS, and the other errors of `kubeseal check`
 */
export async function preCommit(world: CommandWorld): Promise<void> {
  const { io } = world;
  const staged = stagedFiles(io);
  if (staged.length === 0) return;
  await withPrivateDirectory(io.env, async ({ path: directory }) => {
    const blobs = blobsOf(staged, io);
    for (const [at, { path }] of staged.entries()) {
      const copy = join(directory, path);
      mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
      writePrivately(copy, blobs[at] ?? Buffer.of());
    }
    const argv = ['--', ...staged.map(({ path }) => path)];
    const given = await readCommandLine('check', world.commands, argv, io);
    await commandOf('check', world.commands).run(given, { ...world, io: { ...io, cwd: directory } });
  });
}

interface Staged {
  readonly blob: string;
  readonly path: string;
}

function stagedFiles(io: Io): Staged[] {
  const args = ['diff', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=ACMT'];
  const { bytes } = git(args, io);
  const changes = [...bytes.toString('utf8').matchAll(CHANGE)];
  return changes.flatMap(([, mode = '', blob = '', path = '']) =>
    FILE_MODE.test(mode) && MANIFEST.test(path) ? [{ blob, path }] : [],
  );
}

/**
 * The contents, in order. No filter and no text conversion applies to them.
 *
 * @throws ERR_USAGE where Git does not have one: what was not read is not checked
 */
function blobsOf(staged: readonly Staged[], io: Io): Uint8Array[] {
  const { bytes } = git(['cat-file', '--batch'], io, {
    input: staged.map(({ blob }) => `${blob}\n`).join(''),
  });
  const blobs: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    const size = Number(bytes.toString('latin1', at, end).split(' ')[2]);
    if (!Number.isInteger(size)) throw usageError('git lacks a staged file', 'git fsck says what is missing');
    blobs.push(bytes.subarray(end + 1, end + 1 + size));
    at = end + size + 2;
  }
  return blobs;
}
