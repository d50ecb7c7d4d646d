/**
 * A line that begins a document. No scalar can hold one: it ends even a block scalar. Only a line feed ends a
 * line here, as for the parser: a value that was cut elsewhere would be sealed in part.
 */
const MARKER = /(?<=^|\n)---(?=[ \t\r\n]|$)/g;
/** The marker, and the comment by which Helm names the template. Other comments may quote a value. */
const HEAD = /^---[ \t]*\r?\n(?:# Source: .*\r?\n)?/;

/** The documents of a stream of YAML as pieces of its text; joined, they are the text again. */
export function piecesOf(text: string): string[] {
  const starts = [...text.matchAll(MARKER)].map(({ index }) => index).filter((index) => index > 0);
  return [0, ...starts].map((start, at) => text.slice(start, starts[at]));
}

/** What stays at the head of a piece whose document is replaced. */
export function headOf(piece: string): string {
  return HEAD.exec(piece)?.[0] ?? '---\n';
}
