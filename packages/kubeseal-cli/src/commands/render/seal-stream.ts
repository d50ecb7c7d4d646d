import type { SealedSecret } from '@fuin/crypto-core';
import {
  type Format,
  formatManifest,
  type ManifestDocument,
  openLists,
  orderSealedSecret,
  readManifests,
  SECRET_SHAPE,
} from '@fuin/manifests';
import { headOf, piecesOf } from '@fuin/manifests/rendered';
import type { Warn } from '../../invocation/warnings.ts';
import { isPlainSecret } from './seal-rendered.ts';

/** A stream of manifests. */
export interface ManifestStream {
  readonly text: string;
  /** How messages call it. */
  readonly where: string;
  /** In which format documents with Secrets are printed anew. */
  readonly format: Format;
}

/** Makes the SealedSecret of a Secret with items in the clear. */
type SealDocument = (secret: ManifestDocument) => Promise<SealedSecret>;

/** What can hide the word Secret: an escape, or a tag that says how a scalar is encoded. */
const MAY_BE_SECRET = /secret|[\\!]/i;

/**
 * Seals the Secrets of a stream, those in Lists too. Every other document stays as it is, byte for byte.
 *
 * @throws ERR_MANIFEST_INVALID with the place in the whole text, and what `seal` throws
 */
export async function sealStream(stream: ManifestStream, seal: SealDocument, warn: Warn): Promise<string> {
  const sealed: string[] = [];
  for (const [index, piece] of piecesOf(stream.text).entries()) {
    const found = MAY_BE_SECRET.test(piece) ? await objectsIn(piece, index, stream, warn) : [];
    const isSealed = found.some(({ value }) => isPlainSecret(value));
    sealed.push(isSealed ? await sealPiece(piece, found, stream.format, seal) : piece);
  }
  return sealed.join('');
}

async function objectsIn(
  piece: string,
  index: number,
  { text, where }: ManifestStream,
  warn: Warn,
): Promise<ManifestDocument[]> {
  const read = (part: string) => readManifests(Buffer.from(part), where, SECRET_SHAPE);
  const { documents, warnings } = await read(piece).catch(async (error: unknown) => {
    await read(text);
    throw error;
  });
  const named = (words: string) => words.replace(/document \d+ of /, `document ${index + 1} of `);
  for (const warning of warnings) warn(named(warning));
  return openLists(documents).map((document) => ({ ...document, label: named(document.label) }));
}

/** A document with Secrets, printed anew, and an object of a List as a document of its own. */
async function sealPiece(
  piece: string,
  objects: readonly ManifestDocument[],
  format: Format,
  seal: SealDocument,
): Promise<string> {
  const texts: string[] = [];
  for (const each of objects) {
    const object = isPlainSecret(each.value) ? await seal(each) : each.value;
    texts.push(formatManifest(orderSealedSecret(object), format));
  }
  const [first = '', ...more] = texts;
  return [format === 'json' ? first : first.replace('---\n', () => headOf(piece)), ...more].join('');
}
