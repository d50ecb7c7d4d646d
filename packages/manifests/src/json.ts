import { SealedSecretsError } from '@fuin/crypto-core';

/** JSON documents at the start of a text, and the rest from a `---` line on, which is YAML. */
export interface JsonStream {
  readonly values: readonly unknown[];
  readonly rest: string;
}

/**
 * Reads JSON objects that follow one another, up to a line of YAML.
 *
 * @throws ERR_MANIFEST_INVALID with document number and line; never with a piece of the source
 */
export function parseJsonStream(text: string, where: string): JsonStream {
  const values: unknown[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length && !text.startsWith('---', at)) {
    const end = text[at] === '{' ? endOfObject(text, at) : -1;
    const parsed = end < 0 ? undefined : parseJson(text.slice(at, end));
    if (parsed === undefined) {
      const line = text.slice(0, at).split('\n').length;
      throw new SealedSecretsError(
        'ERR_MANIFEST_INVALID',
        `document ${values.length + 1} of ${where} is not valid JSON (it starts in line ${line})`,
      );
    }
    values.push(parsed);
    at = skipSpace(text, end);
  }
  return { values, rest: text.slice(at) };
}

/**
 * Whether an object in a JSON text has a key twice, of which `parseJsonStream` kept the last.
 *
 * @param text the text that was read
 * @param values what was read from it
 */
export function hasDuplicateKeys(text: string, values: readonly unknown[]): boolean {
  let written = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    at = endOfString(text, at + 1);
    if (text[skipSpace(text, at)] === ':') written += 1;
  }
  return written !== values.reduce<number>((sum, value) => sum + keyCount(value), 0);
}

function keyCount(value: unknown): number {
  let count = 0;
  for (const open = [value]; open.length > 0; ) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const inner: unknown[] = Object.values(next);
    if (!Array.isArray(next)) count += inner.length;
    for (const each of inner) open.push(each);
  }
  return count;
}

function skipSpace(text: string, start: number): number {
  const space = /[ \t\r\n]*/y;
  space.lastIndex = start;
  space.test(text);
  return space.lastIndex;
}

/** The end of the object that starts here, or -1 when the object does not end. */
function endOfObject(text: string, start: number): number {
  const token = /["{}]/g;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '"') token.lastIndex = endOfString(text, token.lastIndex);
    if (match[0] === '{') depth += 1;
    if (match[0] === '}') depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return -1;
}

/**
 * The end of a string whose first quote stands before `start`, or of the text where the string does not end.
 * One pattern for a whole string would need a stack as deep as the string is long.
 */
function endOfString(text: string, start: number): number {
  const stop = /["\\]/g;
  stop.lastIndex = start;
  for (let match = stop.exec(text); match; match = stop.exec(text)) {
    if (match[0] === '"') return stop.lastIndex;
    stop.lastIndex += 1;
  }
  return text.length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // its message quotes the source, which may be a secret
  }
}
