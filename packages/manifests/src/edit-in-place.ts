import { isDeepStrictEqual } from 'node:util';
import { SealedSecretsError } from '@fuin/crypto-core';
import { decodeManifests, type ManifestDocument, readManifests } from './documents.ts';
import { orderSealedSecret } from './field-order.ts';
import { formatManifest } from './format.ts';
import type { DecodedText } from './text-encoding.ts';
import type { TextEdit } from './yaml/edit-yaml.ts';
import { SEALED_SECRET_SHAPE } from './yaml/expected-types.ts';

/** A file that is to be changed in place. */
export interface Rewrite {
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly where: string;
  readonly edits: readonly TextEdit[];
}

/**
 * The file's new content: edited in place, so that comments, order and untouched items stay byte for byte. The result is read again: it must say what the edits say and
 * otherwise what the file said. JSON of a shape that cannot be edited so is printed anew; it has no comments to lose.
 *
 * @throws ERR_MANIFEST_INVALID for YAML of such a shape, with the reason
 */
export async function rewriteManifests({ bytes, where, edits }: Rewrite): Promise<Uint8Array> {
  const decoded = decodeManifests(bytes, where);
  const { documents } = await readManifests(bytes, where, SEALED_SECRET_SHAPE);
  const expected = documents.map((document) => changed(document, edits));
  try {
    return await editInPlace(decoded, where, edits, expected);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const isJson = /^\s*\{/.test(decoded.text);
    if (isJson)
      return decoded.encode(
        expected.map((value) => formatManifest(orderSealedSecret(value), 'json')).join(''),
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

async function editInPlace(
  { text, encode }: DecodedText,
  where: string,
  edits: readonly TextEdit[],
  expected: readonly object[],
): Promise<Uint8Array> {
  const { editYaml } = await import('./yaml/edit-yaml.ts');
  const edited = encode(editYaml(text, edits));
  const { documents } = await readManifests(edited, where, SEALED_SECRET_SHAPE);
  const isAsExpected = isDeepStrictEqual(
    documents.map(({ value }) => value),
    expected,
  );
  if (isAsExpected) return edited;
  throw new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    'values that are to stay share an anchor with, or override, one that changes',
  );
}

/** An object as the edits of its document make it; the old one stays as it is. */
function changed(
  { index, value }: ManifestDocument,
  edits: readonly TextEdit[],
): Readonly<Record<string, unknown>> {
  const copy = structuredClone(value);
  for (const { document, path, text } of edits) if (document === index) setText(copy, path, text);
  return copy;
}

/** Sets a text in an object; missing maps on the path are added. */
function setText(object: object, path: readonly string[], text: string): void {
  let parent = object as Record<string, unknown>;
  for (const key of path.slice(0, -1)) {
    const child = Object.hasOwn(parent, key) ? parent[key] : undefined;
    const next = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
    define(parent, key, next);
    parent = next;
  }
  define(parent, path.at(-1) ?? '', text);
}

function define(parent: object, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true });
}
