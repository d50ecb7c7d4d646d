import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { isManifestName } from '../../input/tree/manifest-name.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { readCommandLine } from '../../invocation/command-line.ts';
import { commandOf } from '../../invocation/find-command.ts';
import { isUrl } from '../../invocation/settings/certificate-source.ts';
import { SETTINGS_NAME } from '../../invocation/settings/find-settings.ts';
import { readSettings } from '../../invocation/settings/read-settings.ts';
import type { Io } from '../../io/io.ts';
import { withPrivateDirectory, writePrivately } from '../../io/private-directory.ts';
import { blobsOf, type IndexedFile, indexedFiles, stagedFiles } from './git-index.ts';

/**
 * `kubeseal git pre-commit`: runs `kubeseal check` on the manifests that the next commit changes, as they are
 * in the index and not in the working tree. Settings and their certificates are those of the index too.
 *
 * @throws ERR_FINDINGS, and the other errors of `kubeseal check`
 */
export async function preCommit(world: CommandWorld): Promise<void> {
  const { io } = world;
  const staged = stagedFiles(io).filter(({ path }) => isManifestName(path));
  if (staged.length === 0) return;
  await withPrivateDirectory(io.env, async ({ path: directory }) => {
    mkdirSync(join(directory, '.git')); // settings are not searched for above it
    copyTo(directory, staged, io);
    const settings = indexedFiles([`:(top,glob)**/${SETTINGS_NAME}`], io);
    const texts = copyTo(directory, settings, io);
    const named = settings.flatMap(({ path }, at) => certificatesOf(path, texts[at] ?? Buffer.of()));
    copyTo(
      directory,
      indexedFiles(
        named.map((path) => `:(top,literal)${path}`),
        io,
      ),
      io,
    );
    const argv = ['--', ...staged.map(({ path }) => path)];
    const given = await readCommandLine('check', world.commands, argv, io);
    await commandOf('check', world.commands).run(given, { ...world, io: { ...io, cwd: directory } });
  });
}

/** Writes files of the index into the directory. @returns their contents */
function copyTo(directory: string, files: readonly IndexedFile[], io: Io): readonly Uint8Array[] {
  const blobs = blobsOf(files, io);
  for (const [at, { path }] of files.entries()) {
    const copy = join(directory, path);
    if (existsSync(copy)) continue; // it is staged and a settings file
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 });
    writePrivately(copy, blobs[at] ?? Buffer.of());
  }
  return blobs;
}

/** The certificates of a settings file, from the root on. The check says why settings cannot be read. */
function certificatesOf(settings: string, bytes: Uint8Array): string[] {
  try {
    const named = [...readSettings(bytes, settings).clusters.values()].flatMap(({ certificate }) =>
      certificate === undefined || isUrl(certificate) ? [] : [certificate],
    );
    const paths = named.map((certificate) => posix.join(posix.dirname(settings), certificate));
    return paths.filter((path) => !path.startsWith('../') && !posix.isAbsolute(path));
  } catch (error) {
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}
