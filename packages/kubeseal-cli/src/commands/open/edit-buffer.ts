import {
  decodeBase64,
  encodeBase64,
  isItemName,
  printable,
  SealedSecretsError,
  visible,
} from '@fuin/crypto-core';
import { formatManifest } from '@fuin/manifests';
import { isMap, isScalar, parseDocument, type Scalar } from 'yaml';
import type { OpenedValues } from '../../input/opening/opener.ts';

/** What stands for a value that stays as it is sealed. */
const SEALED = '<sealed>';
const BINARY = 'tag:yaml.org,2002:binary';

/** An item of an edited buffer: bytes, or undefined for a value that stays as it is sealed. */
export type Edited = ReadonlyMap<string, Uint8Array | undefined>;

/** What the editor shows: a comment, and a line of YAML or more for each item. */
export function bufferOf(title: string, items: readonly string[], { values, closed }: OpenedValues): string {
  const lines = items.map((item) => {
    const value = values.get(item);
    const reason = closed.get(item);
    const why = reason === undefined ? '' : `# ${commented(reason)}:\n`;
    return value === undefined ? `${why}${keyOf(item)}: ${SEALED}\n` : entryOf(item, value);
  });
  return `${HEADER.map((line) => `# ${line}\n`).join('')}# ${commented(title)}\n\n${lines.join('')}`;
}

const HEADER = [
  'Change, add, remove or rename items, save, and close the editor.',
  `A value that stays ${SEALED} is not changed. Without an item, nothing is changed.`,
];

const COMPLAINT = '# Not accepted: ';

/** The buffer with a complaint on top, instead of an earlier one. */
export function withComplaint(text: string, complaint: string): string {
  const rest = text.startsWith(COMPLAINT) ? text.slice(text.indexOf('\n') + 1) : text;
  return `${COMPLAINT}${commented(complaint)}\n${rest}`;
}

/**
 * Reads a buffer. Every value is a string, as it is written: `5432` and `yes` are no number and no boolean.
 *
 * @throws ERR_MANIFEST_INVALID naming the line or the item, never a value
 */
export function readBuffer(text: string): Edited {
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error) throw invalid(`line ${error.linePos?.[0].line ?? 1} is not YAML (${error.code})`);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.source === '')) return new Map();
  if (!isMap(contents)) throw invalid('a line is not ITEM: VALUE');
  return new Map(
    contents.items.map(({ key, value }) => {
      if (!isScalar(key)) throw invalid('the name of an item is not a string');
      const item = String(key.value);
      if (!isScalar(value)) throw invalid(`the value of ${printable(item)} is not a string`);
      return [item, valueIn(item, value)];
    }),
  );
}

function valueIn(item: string, node: Scalar): Uint8Array | undefined {
  const text = node.source ?? ''; // what the scalar says, before a tag is applied
  if (node.tag === BINARY) return binaryOf(item, text);
  if (node.type !== 'PLAIN') return new TextEncoder().encode(text);
  if (text === SEALED) return undefined;
  if (text === '') throw invalid(`${printable(item)} has no value; write "" for an empty one`);
  return new TextEncoder().encode(text);
}

function binaryOf(item: string, text: string): Uint8Array {
  try {
    return decodeBase64(text.replaceAll(/\s/g, ''));
  } catch {
    throw invalid(`the value of ${printable(item)} is not Base64`);
  }
}

/** Text as YAML like kubectl writes it, in quotes where a reader could take it for something else. */
function entryOf(item: string, value: Uint8Array): string {
  const text = asText(value);
  if (text === undefined) return `${keyOf(item)}: !!binary ${encodeBase64(value) || '""'}\n`;
  const entry = formatManifest(new Map([[item, text]]), 'yaml').replace(/^---\n/, '');
  return isReadAs(entry, item, value) ? entry : `${keyOf(item)}: ${JSON.stringify(text)}\n`;
}

function isReadAs(entry: string, item: string, value: Uint8Array): boolean {
  try {
    const read = readBuffer(entry);
    const bytes = read.get(item);
    return read.size === 1 && bytes !== undefined && Buffer.compare(bytes, value) === 0;
  } catch {
    return false;
  }
}

function keyOf(item: string): string {
  return isItemName(item) && !/^[-\d.]/.test(item) ? item : JSON.stringify(item);
}

function asText(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/** One line of a comment, whatever a file says. */
function commented(text: string): string {
  return visible(text).replaceAll('\n', ' ');
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
