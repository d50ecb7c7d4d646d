import { parseEnv } from 'node:util';
import { SealedSecretsError } from '@fuin/crypto-core';

/** A line without an assignment: blank, or a comment. */
const BLANK = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
/**
 * An assignment that all readers of such files understand alike. A quoted value may have several lines. In an
 * unquoted value a `#` ends the value for some readers and not for others, and so does `\"` in a quoted one.
 */
const ASSIGNMENT =
  /[^\S\n]*(?:export +)?([A-Za-z_][\w.-]*)[^\S\n]*=[^\S\n]*(?:"[^"\\]*(?:\\[^"][^"\\]*)*"|'[^']*'|`[^`]*`|[^\s"'`#](?:[^\n#]*[^\s#])?)?(?:[^\S\n]+#[^\n]*|[^\S\n]*)(?:\n|$)/y;

/**
 * The items of a file in the format `.env`. Node's own parser reads the values, by the rules of the package
 * dotenv. It passes over lines that it cannot read and cuts values at `#`, so every line is checked first.
 *
 * @throws ERR_MANIFEST_INVALID naming the line, never what is in it
 */
export function itemsOfEnvFile(text: string, where: string): Map<string, string> {
  const lines = text.replaceAll('\r\n', '\n');
  const names = namesIn(lines, where);
  const values = parseEnv(lines);
  return new Map([...names].map((name) => [name, values[name] ?? '']));
}

function namesIn(text: string, where: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at = 0; at < text.length; ) {
    const blank = matchAt(BLANK, text, at);
    const found = blank ?? matchAt(ASSIGNMENT, text, at);
    const name = blank ? undefined : found?.[1];
    if (!found) throw unreadable(where, lineOf(text, at));
    if (name !== undefined && names.has(name)) throw twice(name, where, lineOf(text, at));
    if (name !== undefined) names.add(name);
    at += found[0].length;
  }
  return names;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

function unreadable(where: string, line: number): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', `line ${line} of ${where} is not ITEM=VALUE`, {
    hint: 'put a value with # or quotes in it between single quotes; programs read \\" and a # without quotes differently',
  });
}

function twice(name: string, where: string, line: number): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', `line ${line} of ${where} gives ${name} again`);
}
