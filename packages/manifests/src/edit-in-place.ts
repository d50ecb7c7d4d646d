import { SealedSecretsError } from '@fuin/crypto-core';
import { decodeManifests, type Manifests, type ReadText, readManifests, readText } from './documents.ts';
import { type EditTrees, type TextEdit, treesOf, withEdits } from './edits.ts';
import { orderSealedSecret } from './field-order.ts';
import { formatManifest } from './format.ts';
import { editSimpleYaml } from './simple/simple-edits.ts';
import type { DecodedText } from './text-encoding.ts';
import { SEALED_SECRET_SHAPE } from './yaml/expected-types.ts';

export type { TextEdit } from './edits.ts';

/** The SealedSecrets (and other objects) of a file that can be changed in place. */
export interface ManifestFile extends Manifests {
  /**
   * The new content of the file: comments, order and untouched items stay byte for byte. The result is read
   * again, and must say what the edits say and otherwise what the file said. JSON of a shape that cannot be
   * edited in place is printed anew; it has no comments to lose.
   *
   * @throws ERR_MANIFEST_INVALID for YAML of such a shape, with the reason
   */
  rewrite(edits: readonly TextEdit[]): Promise<Uint8Array>;
}

/**
 * Reads a file for changes in place; rewrite uses the same parse.
 *
 * @param where its name, for messages
 * @throws ERR_MANIFEST_INVALID like readManifests
 */
export async function openManifests(bytes: Uint8Array, where: string): Promise<ManifestFile> {
  const decoded = decodeManifests(bytes, where);
  const read = await readText(decoded.text, where, SEALED_SECRET_SHAPE, true);
  const { documents, warnings } = read;
  return { documents, warnings, rewrite: (edits) => rewrite(decoded, where, read, edits) };
}

async function rewrite(
  decoded: DecodedText,
  where: string,
  read: ReadText,
  edits: readonly TextEdit[],
): Promise<Uint8Array> {
  const trees = treesOf(edits);
  const expected = read.documents.map(({ index, value }) => withEdits(value, trees.get(index) ?? new Map()));
  try {
    const edited = decoded.encode(await editedText(decoded.text, read, trees));
    await refuseOtherContent(edited, where, expected);
    return edited;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const isJson = /^\s*\{/.test(decoded.text);
    if (isJson)
      return decoded.encode(
        expected.map((value) => formatManifest(orderSealedSecret(value as object), 'json')).join(''),
      );
    throw new SealedSecretsError(
      'ERR_MANIFEST_INVALID',
      `${where} cannot be changed in place: ${error.message}`,
      {
        hint: 'write its values out, without anchors, aliases and merge keys',
        cause: error,
      },
    );
  }
}

async function editedText(text: string, { simple, stream }: ReadText, trees: EditTrees): Promise<string> {
  const edited = simple && editSimpleYaml(text, simple, trees);
  return edited ?? (await import('./yaml/edit-yaml.ts')).editYaml(text, trees, stream);
}

/** Reads the result from its bytes, as everybody else will. */
async function refuseOtherContent(
  edited: Uint8Array,
  where: string,
  expected: readonly unknown[],
): Promise<void> {
  const { documents } = await readManifests(edited, where, SEALED_SECRET_SHAPE);
  const values = documents.map(({ value }) => value);
  if (isSame(values, expected)) return;
  throw new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    'a value that must stay shares an anchor with a value that changes, or overrides it',
  );
}

/** Whether two JSON-like values are equal, whatever the order of their fields. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [left, right] = [a as Fields, b as Fields];
  return keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]));
}

type Fields = Readonly<Record<string, unknown>>;
