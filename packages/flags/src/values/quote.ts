const NAMED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};
/** What Go prints as it is: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A string in double quotes, as Go's %q prints it: no character in it can move a terminal. */
export function quote(text: string): string {
  return `"${Array.from(text, (char) => (char === '"' ? '\\"' : escapeCharacter(char))).join('')}"`;
}

/** A character in single quotes, as Go's %q prints it. */
export function quoteCharacter(char: string): string {
  return `'${char === "'" ? "\\'" : escapeCharacter(char)}'`;
}

/** A string in double quotes, as Go's package time prints it: UTF-8, all but ASCII byte by byte. */
export function quoteBytes(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) =>
    byte < 0x20 || byte > 0x7e ? hex('x', byte, 2) : String.fromCharCode(byte).replace(/["\\]/, '\\$&'),
  );
  return `"${bytes.join('')}"`;
}

function escapeCharacter(char: string): string {
  const named = NAMED[char];
  if (named !== undefined) return named;
  if (PRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return hex('x', code, 2);
  return code > 0xffff ? hex('U', code, 8) : hex('u', code, 4);
}

function hex(letter: string, code: number, digits: number): string {
  return `\\${letter}${code.toString(16).padStart(digits, '0')}`;
}
