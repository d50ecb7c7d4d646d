import type { SealedSecretsError } from '@fuin/crypto-core';
import { objectName } from '../../input/object-name.ts';
import type { SealedFile } from '../../input/sealed-files.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { Io } from '../../io/io.ts';
import type { ItemChange, ObjectReport } from '../../output/changes.ts';
import { unifiedDiff } from '../../output/diff.ts';
import { noteEdits, rewriteWithNotes } from '../../signature/note-edits.ts';
import { settleSignatures } from '../../signature/settle.ts';
import type { Signer } from '../../signature/signer.ts';
import { contentOf, store } from './store.ts';

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
  { to, isDryRun, showsDiff, signer, warn }: ChangeMode,
  io: Io,
): Promise<readonly Done[]> {
  const changes = targets.map((target) => {
    const outcome = outcomes.get(target);
    if (outcome instanceof Error) throw outcome;
    return { target, change: outcome };
  });
  const edits = changes.flatMap(({ target, change }) => (change ? editsOf(target, change) : []));
  const notes = changes.flatMap(({ target, change }) => (change ? noteEdits(target, change, isDryRun) : []));
  const unsigned = edits.length === 0 ? input.bytes : await rewriteWithNotes(file, edits, notes);
  const changed = changes.flatMap(({ target, change }) => (change ? [target.document] : []));
  // a dry run seals nothing that could be signed
  const content =
    isDryRun && signer ? unsigned : await settleSignatures(unsigned, to, { signer, changed, warn });
  const before = to === input.where ? input.bytes : contentOf(to, io.cwd);
  if (!isDryRun) await store(input, { to, content, isChanged: content !== input.bytes }, io);
  else if (showsDiff) await io.stdout.write(unifiedDiff(to, before, content));
  return changes.map(({ target, change }) => ({ target: { ...target, file: to }, change }));
}

function editsOf({ document }: Target, { set, removed = [] }: ObjectChange) {
  const { index, path } = document;
  const pathTo = (item: string) => [...path, 'spec', 'encryptedData', item];
  return [
    ...[removed].flat().map((item) => ({ document: index, path: pathTo(item), remove: true as const })),
    ...Object.entries(set).map(([item, text]) => ({ document: index, path: pathTo(item), text })),
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
