import {
  SEALING_NOTE,
  type SealedSecret,
  SealedSecretsError,
  sealingNote,
  sealingNoteOf,
} from '@fuin/crypto-core';
import type { ManifestDocument } from './documents.ts';
import type { ManifestFile } from './edit-in-place.ts';
import type { TextEdit } from './edits.ts';

/** A SealedSecret of a file, and where it is there. */
interface PlacedSealedSecret {
  readonly sealedSecret: SealedSecret;
  readonly document: Pick<ManifestDocument, 'index' | 'path'>;
}

/** The part of a change that a sealing note is about. */
interface NotedChange {
  readonly set: Readonly<Record<string, string>>;
  readonly removed?: string | readonly string[];
  /** Id of the key that the values of `set` were sealed with, if the note shall have it. */
  readonly sealedWith?: string;
}

/**
 * What a change says of the key that it sealed with, for a SealedSecret that has a note already: commands
 * that do not write notes keep one true.
 */
export function keptNote({ sealedSecret }: PlacedSealedSecret, key: string): Pick<NotedChange, 'sealedWith'> {
  return sealedSecret.metadata.annotations?.[SEALING_NOTE] === undefined ? {} : { sealedWith: key };
}

/**
 * The edit that keeps the sealing note of a SealedSecret true: it gets the items that were sealed now, and
 * loses those that are gone. A renamed item keeps its key.
 */
export function noteEdits(
  { document, sealedSecret }: PlacedSealedSecret,
  { set, removed = [], sealedWith }: NotedChange,
  isDryRun: boolean,
): TextEdit[] {
  // a dry run seals nothing, so it does not know the note
  if (isDryRun && sealedWith === undefined && Object.keys(set).length > 0) return [];
  const { metadata, spec } = sealedSecret;
  const before = metadata.annotations?.[SEALING_NOTE];
  const known = sealingNoteOf(sealedSecret);
  const byValue = new Map([...known].map(([item, key]) => [spec.encryptedData[item], key]));
  const others = Object.entries(spec.encryptedData).filter(([item]) => ![removed].flat().includes(item));
  const after = Object.fromEntries([...others, ...Object.entries(set)]);
  const keys = Object.entries(after).flatMap(([item, value]): [string, string][] => {
    const key = (Object.hasOwn(set, item) ? sealedWith : undefined) ?? byValue.get(value);
    return key === undefined ? [] : [[item, key]];
  });
  const note = sealingNote(after, new Map(keys));
  if (note === before) return [];
  const path = [...document.path, 'metadata', 'annotations', SEALING_NOTE];
  return [{ document: document.index, path, ...(note === undefined ? { remove: true } : { text: note }) }];
}

/**
 * The new content of a file. Where the note cannot be edited in place (annotations that are an alias, say) it
 * stays as it was: it only tells of values that are unchanged.
 *
 * @throws ERR_MANIFEST_INVALID where the values cannot be changed
 */
export async function rewriteWithNotes(
  file: ManifestFile,
  edits: readonly TextEdit[],
  notes: readonly TextEdit[],
): Promise<Uint8Array> {
  if (notes.length === 0) return file.rewrite(edits);
  try {
    return await file.rewrite([...edits, ...notes]);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return file.rewrite(edits);
  }
}
