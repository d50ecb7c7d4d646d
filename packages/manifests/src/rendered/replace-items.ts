import { SealedSecretsError } from '@fuin/crypto-core';
import { type Document, isMap, isNode, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import { parseDocuments } from '../yaml/documents.ts';
import { emitYaml, type Ordered } from '../yaml/write-yaml.ts';

/** What changes in a list of objects. */
export interface ListChanges {
  /** New objects in the place of those with these indices. */
  readonly items: ReadonlyMap<number, Ordered>;
  /** Fields of the list itself, such as `results`. */
  readonly fields?: ReadonlyMap<string, Ordered>;
}

/**
 * Writes a list of objects (`items`) with some of them replaced. All other values stay as they are written,
 * quotes and comments included; a replaced object loses its comments, and so does what is between objects.
 *
 * @param text one document that is a list
 * @throws ERR_MANIFEST_INVALID where another object is an alias of a part of a replaced one
 */
export function replaceItems(text: string, { items, fields = new Map() }: ListChanges): string {
  const document = parseDocuments(text, false).documents[0]?.document;
  if (!document || !isMap(document.contents)) throw invalid('it is no list of objects');
  if (!document.has('items')) document.set('items', document.createNode([]));
  const list = document.get('items', true);
  if (!isSeq(list)) throw invalid('its items are no list');
  if (items.size > 0) dropCommentsBetween(document.contents, list);
  for (const [index, value] of items) list.items[index] = nodeOf(value);
  if (list.items.length > 0 && list.items.every((item) => item !== undefined)) list.flow = false;
  for (const [field, value] of fields) document.set(field, nodeOf(value));
  return printed(document);
}

/** A comment between two objects may quote a value of either. */
function dropCommentsBetween({ items: fields }: YAMLMap, list: YAMLSeq): void {
  list.comment = null;
  for (const node of [list, ...list.items, ...fields.map(({ key }) => key)])
    if (isNode(node)) node.commentBefore = null;
}

/** A new part of the document, with the quotes that go-yaml needs. */
function nodeOf(value: Ordered): ParsedNode | null {
  return (parseDocuments(emitYaml(value), false).documents[0]?.document.contents ??
    null) as ParsedNode | null;
}

function printed(document: Document): string {
  try {
    return document.toString({ lineWidth: 0, indentSeq: false });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw invalid('an object shares an anchor with a Secret'); // the text of the error may quote the source
  }
}

function invalid(reason: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', `the list cannot be written: ${reason}`, {
    hint: 'write its values out, without anchors and aliases',
  });
}
