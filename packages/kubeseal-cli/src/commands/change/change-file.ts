import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { noteEdits, rewriteWithNotes } from '@fuin/manifests/note-edits';
import { objectName } from '../../input/object-name.ts';
import type { SealedFile } from '../../input/sealed-files.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import type { TreeFile } from '../../input/tree/tree.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { Io } from '../../io/io.ts';
import { atomicWrite, type Renames, writeNew } from '../../output/atomic-write.ts';
import type { ItemChange, ObjectReport } from '../../output/changes.ts';
import { unifiedDiff } from '../../output/diff.ts';
import { settleSignatures } from '../access/signature/settle.ts';
import type { Signer } from '../access/signature/signer.ts';

/** One SealedSecret that a command may change. */
export interface Target extends SealedInput {
  /** The file as messages call it; `stdin` for stdin. */
  readonly file: string;
}

/** What a command does to the items of one SealedSecret. */
export interface ObjectChange {
  /** New sealed values by item. */
  readonly set: Readonly<Record<string, string>>;
  /** The items to remove. */
  readonly removed?: string | readonly string[];
  /** The namespace that `set` was sealed for, where that is not the one of the object. */
  readonly namespace?: string;
  /** Id of the key that the values of `set` were sealed with, for the sealing note; undefined writes none. */
  readonly sealedWith?: string;
  /** For programs. */
  readonly items: readonly ItemChange[];
  /** What stderr says, such as `added password`. */
  readonly says: string;
}

/** What came of one target; undefined where it stays as it is. */
export type Outcome = ObjectChange | SealedSecretsError | undefined;

/** One file, and what of it the command is about. */
export interface Chosen extends SealedFile {
  readonly targets: readonly Target[];
}

/** Where changes go: into the file, into another one, or nowhere. */
export interface ChangeMode {
  /** The file to write: the file itself, or another one. */
  readonly to: string;
  readonly isDryRun: boolean;
  /** Whether a dry run prints what would change. */
  readonly showsDiff: boolean;
  /** Signs what changed; without one, signatures that no longer fit are removed. */
  readonly signer: Signer | undefined;
  readonly warn: Warn;
  /** Gets to know the files that are replaced. */
  readonly renames: Renames;
}

/** One target, and what was done to it. */
export interface Done {
  readonly target: Target;
  readonly change: ObjectChange | undefined;
}

/**
 * Changes one file in one step.
 *
 * @throws the first reason why a SealedSecret of the file cannot be changed; the file stays as it was
 */
export async function changeFile(
  { input, file, targets }: Chosen,
  outcomes: ReadonlyMap<Target, Outcome>,
  { to, isDryRun, showsDiff, signer, warn, renames }: ChangeMode,
  io: Io,
): Promise<readonly Done[]> {
  const changes = targets.map((target) => {
    const outcome = outcomes.get(target);
    if (outcome instanceof Error) throw outcome;
    return { target, change: outcome };
  });
  const content = await changedContent({ input, file }, changes, { to, isDryRun, signer, warn });
  if (!isDryRun) await store(input, { to, content, isChanged: content !== input.bytes, renames }, io);
  else if (showsDiff) {
    const before = to === input.where ? input.bytes : contentOf(to, io.cwd);
    await io.stdout.write(unifiedDiff(to, io.cwd, { before, after: content }, io.stdout.isTty === true));
  }
  return changes.map(({ target, change }) => ({ target: movedTo(target, to, change), change }));
}

/**
 * The content of a file whose SealedSecrets changed: their sealing notes stay true, and so do their
 * signatures.
 *
 * @throws ERR_MANIFEST_INVALID for YAML that cannot be changed in place; the errors of the signer
 */
export async function changedContent(
  { input, file }: { readonly input: Pick<TreeFile, 'bytes'>; readonly file: SealedFile['file'] },
  changes: readonly Done[],
  { to, isDryRun, signer, warn }: Pick<ChangeMode, 'to' | 'isDryRun' | 'signer' | 'warn'>,
): Promise<Uint8Array> {
  const edits = changes.flatMap(({ target, change }) => (change ? editsOf(target, change) : []));
  const notes = changes.flatMap(({ target, change }) => (change ? noteEdits(target, change, isDryRun) : []));
  const unsigned = edits.length === 0 ? input.bytes : await rewriteWithNotes(file, edits, notes);
  const changed = changes.flatMap(({ target, change }) => (change ? [target.document] : []));
  // a dry run seals nothing that could be signed
  return isDryRun && signer ? unsigned : settleSignatures(unsigned, to, { signer, changed, warn });
}

/** The target as it is in its file now. */
function movedTo(target: Target, file: string, change: ObjectChange | undefined): Target {
  if (change?.namespace === undefined) return { ...target, file };
  const { sealedSecret } = target;
  const metadata = { ...sealedSecret.metadata, namespace: change.namespace };
  return { ...target, file, sealedSecret: { ...sealedSecret, metadata } };
}

/** A template that names a namespace must name the same one. */
function namespaceEdits({ document, sealedSecret: { spec } }: Target, namespace: string) {
  const metadata = ['metadata', 'namespace'];
  const isNamed = spec.template?.metadata?.namespace !== undefined;
  const places = [metadata, ...(isNamed ? [['spec', 'template', ...metadata]] : [])];
  const { index, path } = document;
  return places.map((place) => ({ document: index, path: [...path, ...place], text: namespace }));
}

function editsOf(target: Target, { set, removed = [], namespace }: ObjectChange) {
  const { document } = target;
  const { index, path } = document;
  const pathTo = (item: string) => [...path, 'spec', 'encryptedData', item];
  return [
    ...[removed].flat().map((item) => ({ document: index, path: pathTo(item), remove: true as const })),
    ...Object.entries(set).map(([item, text]) => ({ document: index, path: pathTo(item), text })),
    ...(namespace === undefined ? [] : namespaceEdits(target, namespace)),
  ];
}

/** What the JSON document says about a target. */
export function reportOf({ target, change }: Done): ObjectReport {
  const { namespace = '', name = '' } = target.sealedSecret.metadata;
  return { file: target.file, namespace, name, items: change?.items ?? [] };
}

/** What stderr says about a target; undefined where nothing changed. */
export function noteOf({ target, change }: Done, isDryRun: boolean): string | undefined {
  if (!change) return undefined;
  const place = objectName(target.sealedSecret.metadata);
  return `note: ${target.file}: ${isDryRun ? 'would have ' : ''}${change.says} (${place})`;
}

/** What came of a file. */
interface Result {
  /** The file to write: the file itself, or another one. */
  readonly to: string;
  readonly content: Uint8Array;
  readonly isChanged: boolean;
  /** Gets to know the file if it is replaced. */
  readonly renames?: Renames;
}

/**
 * Writes what came of a file: to stdout, to another file, or over it if it changed.
 *
 * @throws ERR_USAGE; ERR_CONFLICT where something else wrote the file since it was read
 */
export async function store(
  input: TreeFile,
  { to, content, isChanged, renames }: Result,
  io: Pick<Io, 'cwd' | 'stdout'>,
): Promise<void> {
  if (input.isStdin) await io.stdout.write(content);
  else if (to !== input.where) await writeNew(io.cwd, to, content, renames);
  else if (isChanged) {
    refuseOverwriting(input, io.cwd);
    await atomicWrite(io.cwd, to, content, renames);
  }
}

/** A controller takes its time for a whole tree, and people edit meanwhile. A pipe is not read again. */
function refuseOverwriting({ where, bytes }: TreeFile, cwd: string): void {
  const path = resolve(cwd, where);
  const now = statSync(path, { throwIfNoEntry: false });
  if (now && (!now.isFile() || Buffer.compare(readFileSync(path), bytes) === 0)) return;
  throw new SealedSecretsError('ERR_CONFLICT', `${where} was changed meanwhile; it stays as it is`, {
    hint: 'run the command again',
  });
}

/** What a file holds now; undefined where there is none, and for a pipe, whose content would be taken. */
function contentOf(file: string, cwd: string): Uint8Array | undefined {
  const path = resolve(cwd, file);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}
