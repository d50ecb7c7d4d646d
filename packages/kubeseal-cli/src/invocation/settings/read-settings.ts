import { printable, type SealedSecretsError } from '@fuin/crypto-core';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { hintOfNames } from '../nearest-name.ts';
import { usageError } from '../usage-error.ts';
import { type Field, SETTINGS, type SettingsValues, type ValueOf } from './fields.ts';
import { MAX_SETTINGS_BYTES, tooLarge } from './find-settings.ts';
import { refuseBadOutput } from './output-pattern.ts';

/** Keeps a file of nothing but brackets from using up the stack. */
const MAX_NESTED = 10_000;
const TOP = 'the file';

/**
 * Reads a settings file by the table of its fields: an unknown field, a duplicate one, a wrong type and a
 * name that leads nowhere are errors with their line. Anchors and aliases are refused.
 *
 * @param where how messages call the file
 * @throws ERR_USAGE
 */
export function readSettings(bytes: Uint8Array, where: string): SettingsValues {
  if (bytes.length > MAX_SETTINGS_BYTES) throw tooLarge(where);
  const text = decodeStrictly(bytes)?.text;
  if (text === undefined) throw usageError(`${where} is neither UTF-8 nor UTF-16 with a byte order mark`);
  if ((text.match(/[[{]/g)?.length ?? 0) > MAX_NESTED) throw usageError(`${where} is nested too deeply`);
  const values = new SettingsReader(text, where).read();
  refuseLooseEnds(values, where);
  return values;
}

class SettingsReader {
  readonly #where: string;
  readonly #lines = new LineCounter();
  readonly #contents: ParsedNode | null;

  constructor(text: string, where: string) {
    this.#where = where;
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: 'error',
      uniqueKeys: true,
    });
    const [error] = document.errors;
    if (error) throw this.#at(error.pos[0], describe(error.code));
    this.#contents = document.contents;
  }

  read(): SettingsValues {
    if (this.#contents === null)
      throw usageError(
        `${this.#where} is empty`,
        'it needs clusters, each with a context, a certificate or recipients',
      );
    // the reader builds what the table says, which the compiler cannot follow through the recursion
    return this.#value(this.#contents, SETTINGS, TOP) as ValueOf<typeof SETTINGS>;
  }

  #value(node: unknown, field: Field, path: string): unknown {
    if (isScalarOrMissing(node) && field.type !== 'text') throw this.#wrongType(node, path, field);
    switch (field.type) {
      case 'text':
        return this.#text(node, field, path);
      case 'list':
        if (!isSeq(node)) throw this.#wrongType(node, path, field);
        if (node.items.length === 0 && field.of.type === 'text')
          throw this.#at(placeOf(node), `${path} is an empty list`);
        return node.items.map((item, at) => this.#value(item, field.of, entryName(field, at, path)));
      case 'map':
        return new Map(
          this.#entries(node, path, field).map(({ name, at, value }) => {
            if (!new RegExp(field.names).test(name))
              throw this.#at(
                at,
                `the name ${printable(name)} of a ${field.entry} has other characters than letters, digits, -, _ and .`,
              );
            return [name, this.#value(value, field.of, `${field.entry} ${name}`)];
          }),
        );
      case 'object':
        return this.#object(node, field, path);
    }
  }

  #object(node: unknown, field: Extract<Field, { type: 'object' }>, path: string): object {
    const names = Object.keys(field.fields);
    const read = new Map<string, unknown>([['line', this.#lineOf(placeOf(node))]]);
    for (const { name, at, value } of this.#entries(node, path, field)) {
      const below = Object.hasOwn(field.fields, name) ? field.fields[name] : undefined;
      if (!below) {
        const hint = hintOfNames(name, names, 'fields');
        throw this.#at(at, `${path} has the unknown field ${printable(name)}`, hint);
      }
      read.set(name, this.#value(value, below, path === TOP ? name : `${name} of ${path}`));
    }
    const missing = field.required.find((name) => !read.has(name));
    if (missing !== undefined) throw this.#at(placeOf(node), `${path} lacks the field ${missing}`);
    if (field.oneOf && !field.oneOf.some((name) => read.has(name)))
      throw this.#at(placeOf(node), `${path} has neither ${field.oneOf.join(' nor ')}`);
    return Object.fromEntries(read);
  }

  #entries(node: unknown, path: string, field: Field): { name: string; at: number; value: unknown }[] {
    if (!isMap(node)) throw this.#wrongType(node, path, field);
    return (node as YAMLMap).items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.source ?? key.value) : undefined;
      if (name === undefined || name === '<<')
        throw this.#at(placeOf(key), `${path} has a key that is not a name`);
      return { name, at: placeOf(key), value: value ?? key };
    });
  }

  #text(node: unknown, field: Extract<Field, { type: 'text' }>, path: string): string {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'string' || value === '') throw this.#wrongType(node, path, field);
    const { choices, pattern, form } = field;
    if (choices && !choices.includes(value))
      throw this.#at(placeOf(node), `${path} is ${printable(value)}`, hintOfNames(value, choices, 'values'));
    if (pattern !== undefined && !new RegExp(pattern).test(value))
      throw this.#at(placeOf(node), `${path} is not ${form}`);
    const fault = field.check?.(value);
    if (fault !== undefined) throw this.#at(placeOf(node), `${path} ${fault}`);
    return value;
  }

  #wrongType(node: unknown, path: string, { type }: Field): SealedSecretsError {
    if (isAnchored(node))
      return this.#at(placeOf(node), `${path} is an alias, which a settings file may not have`);
    const wanted = { text: 'a string that is not empty', list: 'a list', map: 'a map', object: 'a map' }[
      type
    ];
    const hint =
      type === 'text' && isScalar(node) && typeof node.value === 'number' ? 'put it in quotes' : undefined;
    return this.#at(placeOf(node), `${path} is not ${wanted}`, hint);
  }

  #lineOf(offset: number): number {
    return this.#lines.linePos(offset).line;
  }

  #at(offset: number, message: string, hint?: string): SealedSecretsError {
    return usageError(`${this.#where} line ${this.#lineOf(offset)}: ${message}`, hint);
  }
}

/** @throws ERR_USAGE for what no single field shows: a rule for no cluster, or for one of another format */
function refuseLooseEnds({ clusters, rules = [], output }: SettingsValues, where: string): void {
  for (const { line, cluster, formatVersion } of rules) {
    const entry = clusters.get(cluster);
    if (!entry)
      throw usageError(
        `${where} line ${line}: the rule is for cluster ${printable(cluster)}, which does not exist`,
        hintOfNames(cluster, [...clusters.keys()], 'clusters'),
      );
    if (entry.recipients && formatVersion === 'v1')
      throw usageError(
        `${where} line ${line}: the rule asks for format v1, but cluster ${printable(cluster)} has recipients of v2`,
        'leave out formatVersion, or make a cluster of its own without recipients',
      );
  }
  if (output !== undefined) refuseBadOutput(output, `${where}: output`);
}

function isScalarOrMissing(node: unknown): boolean {
  return node === null || node === undefined || isScalar(node);
}

function isAnchored(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'source' in node && !isScalar(node);
}

function placeOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

/** A code of the library in words, never a piece of the source. */
function describe(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'a field is there twice';
  if (code === 'MULTIPLE_DOCS') return 'the file holds more than one document';
  return `not valid YAML: ${code.toLowerCase().replaceAll('_', ' ')}`;
}

function entryName({ entry }: Extract<Field, { type: 'list' }>, at: number, path: string): string {
  return path.includes(' of ')
    ? `${entry} ${at + 1} of ${path.split(' of ').slice(1).join(' of ')}`
    : `${entry} ${at + 1}`;
}
