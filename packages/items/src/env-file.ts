import { SealedSecretsError } from '@fuin/crypto-core';

/** A line without an assignment: blank, or a comment. */
const BLANK = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
/**
 * An assignment that all readers of such files understand alike. A quoted value may have several lines. In an
 * unquoted value a `#` ends the value for some readers and not for others, and so does `\"` in a quoted one.
 */
const ASSIGNMENT =
  /[^\S\n]*(?:export +)?([A-Za-z_][\w.-]*)[^\S\n]*=[^\S\n]*(?:"([^"\\]*(?:\\[^"][^"\\]*)*)"|'([^']*)'|`([^`]*)`|([^\s"'`#](?:[^\n#]*[^\s#])?))?(?:[^\S\n]+#[^\n]*|[^\S\n]*)(?:\n|$)/y;

/**
 * The items of a file in the format `.env`, by the rules of the package dotenv and of Node. Those pass over
 * lines that they cannot read and cut values at `#`; here every line must be understood by all readers alike.
 *
 * @throws ERR_MANIFEST_INVALID naming the line, never what is in it
 */
export function itemsOfEnvFile(text: string, where: string): Map<string, string> {
  const source = text.replaceAll('\r\n', '\n');
  const items = new Map<string, string>();
  for (let at = 0; at < source.length; ) {
    const blank = matchAt(BLANK, source, at);
    const found = blank ?? matchAt(ASSIGNMENT, source, at);
    if (!found) throw unreadable(where, lineOf(source, at));
    const [all, name, ...values] = found;
    if (!blank && name !== undefined) {
      if (items.has(name)) throw twice(name, where, lineOf(source, at));
      items.set(name, valueIn(values));
    }
    at += all.length;
  }
  return items;
}

/** Only double quotes know an escape: `\n` is a line break. */
function valueIn([inDouble, inSingle, inBackticks, bare]: readonly (string | undefined)[]): string {
  return inDouble?.replaceAll('\\n', '\n') ?? inSingle ?? inBackticks ?? bare ?? '';
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
