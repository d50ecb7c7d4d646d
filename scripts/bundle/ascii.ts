const BEYOND = /(\\*)([^\0-\x7f])/g;

/**
 * The same program in ASCII: every character beyond it is escaped. V8 keeps a source in one byte for each
 * character only if all of them are in Latin-1, so one arrow in a message of a library doubles the memory of
 * a megabyte of code.
 *
 * @throws Error where an escape would mean something else: after a backslash, and where a tag sees the source
 */
export function toAscii(code: string): string {
  const raw = /\braw`[^`]*[^\0-\x7f]/.exec(code);
  if (raw) throw new Error(`the source of a template is used: ${raw[0]}`);
  return code.replace(BEYOND, (found, backslashes: string, unit: string) => {
    if (backslashes.length % 2 === 1) throw new Error(`a backslash stands before ${found}`);
    return `${backslashes}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
