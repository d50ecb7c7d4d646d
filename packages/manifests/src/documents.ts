import { SealedSecretsError } from '@fuin/crypto-core';
import { parseJsonStream } from './json.ts';
import { readSimpleYaml, type SimpleDocument } from './simple/simple-yaml.ts';
import { type DecodedText, decodeStrictly } from './text-encoding.ts';
import { isObject, type Shape } from './yaml/expected-types.ts';
import type { YamlDocument, YamlStream } from './yaml/read-yaml.ts';

/** One object of a stream: its place for messages, and what it says. */
export interface ManifestDocument {
  /** Index in the stream, empty documents counted. */
  readonly index: number;
  /** Where in that document: empty, or `items` and the index of an item of a List. */
  readonly path: readonly string[];
  /** `document 2 of secret.yaml`. */
  readonly label: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The objects of a stream, and warnings about them. */
export interface Manifests {
  readonly documents: readonly ManifestDocument[];
  readonly warnings: readonly string[];
}

/** The hint for an object that is no manifest. */
export const OBJECT_HINT = 'a manifest has apiVersion, kind and metadata; to seal one bare value use --raw';

/** What a text says, and the entries or nodes of its YAML; JSON has none. */
export interface ReadText extends Manifests {
  readonly simple?: readonly SimpleDocument[];
  readonly stream?: YamlStream;
}

/**
 * Reads a stream of JSON or YAML objects; empty documents are skipped.
 *
 * @param where `stdin` or the file's name, for messages
 * @throws ERR_MANIFEST_INVALID when a document is no object or cannot be parsed: nothing is skipped silently
 */
export async function readManifests(bytes: Uint8Array, where: string, shape: Shape): Promise<Manifests> {
  const { text } = decodeManifests(bytes, where);
  const { documents, warnings } = await readText(text, where, shape, false);
  return { documents, warnings };
}

/**
 * Reads a text like readManifests.
 *
 * @param keepTokens whether an edit of the text follows, see YamlStream
 * @throws ERR_MANIFEST_INVALID
 */
export async function readText(
  text: string,
  where: string,
  shape: Shape,
  keepTokens: boolean,
): Promise<ReadText> {
  try {
    const isJson = /^\s*\{/.test(text);
    const { values, rest } = isJson ? parseJsonStream(text, where) : { values: [], rest: text };
    const json = values.map((value) => ({ value, changedPaths: [] }));
    if (rest.trim() === '') return manifestsIn(json, where, shape);
    const simple = isJson ? undefined : readSimpleYaml(rest, shape);
    if (simple) return { ...manifestsIn(simple.map(asRead), where, shape), simple };
    // the parser is loaded only where it is needed: it is a third of the start-up time
    const { readYaml } = await import('./yaml/read-yaml.ts');
    const stream = readYaml(rest, where, shape, keepTokens);
    const manifests = manifestsIn([...json, ...stream.values], where, shape);
    return isJson ? manifests : { ...manifests, stream };
  } catch (error) {
    throw (await import('./input-hints.ts')).explainInput(error, text);
  }
}

function asRead({ value }: SimpleDocument): YamlDocument {
  return { value, changedPaths: [] };
}

function manifestsIn(read: readonly YamlDocument[], where: string, shape: Shape): Manifests {
  const warnings: string[] = [];
  const documents: ManifestDocument[] = [];
  for (const [index, { value, changedPaths }] of read.entries()) {
    const label = `document ${index + 1} of ${where}`;
    if (value === undefined || isEmptyObject(value)) continue;
    if (!isObject(value))
      throw invalid(`${label} is not a Kubernetes object`, shape === 'any' ? undefined : OBJECT_HINT);
    documents.push({ index, path: [], label, value });
    warnings.push(...new Set(changedPaths.map((path) => coercionWarning(label, path))));
  }
  return { documents, warnings };
}

/** @throws ERR_MANIFEST_INVALID naming the input, for anything but UTF-8 and marked UTF-16 */
export function decodeManifests(bytes: Uint8Array, where: string): DecodedText {
  const decoded = decodeStrictly(bytes);
  if (!decoded) throw noSecretsFound(`${where} is neither UTF-8 nor UTF-16 with a byte order mark`);
  return decoded;
}

const NO_SECRETS_FOUND = 'no secrets found. Ensure the input is valid and UTF-8 encoded';

/** The error for input without any object, in the words that people grep for; the hint names the input. */
export function noSecretsFound(hint: string): SealedSecretsError {
  return invalid(NO_SECRETS_FOUND, hint);
}

/** Whether an error is that one. */
export function isNoSecretsFound({ message }: SealedSecretsError): boolean {
  return message === NO_SECRETS_FOUND;
}

/**
 * Objects, with the items of a List in the place of the List: `kubectl get -o yaml` prints several objects as
 * one `kind: List`, and the API server prints a `SecretList`, whose items need no kind.
 */
export function openLists(documents: readonly ManifestDocument[]): ManifestDocument[] {
  return documents.flatMap((document) => {
    const { kind, apiVersion, items } = document.value;
    if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [document];
    const own = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
    return items.map((item: unknown, at) => {
      const label = `item ${at + 1} of ${document.label}`;
      if (!isObject(item)) throw invalid(`${label} is not a Kubernetes object`);
      return { ...document, label, path: ['items', String(at)], value: { ...own, ...item } };
    });
  });
}

function coercionWarning(label: string, path: string): string {
  return `warning: ${label}: ${path} is not in quotes and YAML 1.1 reads another value than it shows; put it in quotes`;
}

function isEmptyObject(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function invalid(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message, hint === undefined ? {} : { hint });
}
