import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { git } from './git-process.ts';

/** A file as it is in the index of Git. */
export interface IndexedFile {
  readonly blob: string;
  /** From the root of the repository on. */
  readonly path: string;
}

/** `:100644 100644 OLD NEW M` NUL `PATH` NUL. Paths hold anything else, so all entries are read in turn. */
const CHANGE = /:\d+ (\d+) [0-9a-f]+ ([0-9a-f]+) [A-Z]\d*\0([^\0]*)\0/gy;
/** `100644 ID 0` TAB `PATH` NUL. */
const ENTRY = /(\d+) ([0-9a-f]+) \d\t([^\0]*)\0/gy;
/** Links and submodules have other modes. */
const FILE_MODE = /^100\d{3}$/;

/** The files that the next commit changes, without those that it deletes. */
export function stagedFiles(io: Io): IndexedFile[] {
  const args = ['diff', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=ACMT'];
  return entriesOf(git(args, io).bytes, CHANGE);
}

/** The files of the index that pathspecs of Git match. */
export function indexedFiles(pathspecs: readonly string[], io: Io): IndexedFile[] {
  if (pathspecs.length === 0) return [];
  return entriesOf(git(['ls-files', '-s', '-z', '--full-name', '--', ...pathspecs], io).bytes, ENTRY);
}

function entriesOf(bytes: Buffer, form: RegExp): IndexedFile[] {
  return [...bytes.toString('utf8').matchAll(form)].flatMap(([, mode = '', blob = '', path = '']) =>
    FILE_MODE.test(mode) ? [{ blob, path }] : [],
  );
}

/**
 * The contents, in order. No filter and no text conversion applies to them.
 *
 * @throws ERR_USAGE where Git does not have one: what was not read is not checked
 */
export function blobsOf(files: readonly IndexedFile[], io: Io): Uint8Array[] {
  if (files.length === 0) return [];
  const { bytes } = git(['cat-file', '--batch'], io, {
    input: files.map(({ blob }) => `${blob}\n`).join(''),
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
