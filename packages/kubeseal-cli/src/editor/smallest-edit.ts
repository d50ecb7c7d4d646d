/** A part of a text, and what replaces it. Offsets count UTF-16 units. */
export interface TextChange {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The part in which a text differs from another, so that an editor keeps cursors and marks elsewhere. It
 * begins and ends between whole characters and line ends: an editor would move it away from other places.
 */
export function smallestEdit(before: string, after: string): TextChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  if (parts(before, start) || parts(after, start)) start -= 1;
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (parts(before, before.length - tail) || parts(after, after.length - tail)) tail -= 1;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

/** Whether an offset lies within a character of two units, or within a line end of two characters. */
function parts(text: string, at: number): boolean {
  return at > 0 && /[\uD800-\uDBFF][\uDC00-\uDFFF]|\r\n/.test(text.slice(at - 1, at + 1));
}
