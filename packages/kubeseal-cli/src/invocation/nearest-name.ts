/**
 * The name that a mistyped one probably means: at most a third of the letters, and at most two, may be wrong.
 *
 * @returns undefined where none is near
 */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, slips: slipsBetween(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, slips }) => slips <= slipsIn(Math.min(typed.length, name.length)))
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.name;
}

/**
 * A hint for a name that does not exist: the nearest one, else all.
 *
 * @param what they are, such as `fields`
 */
export function hintOfNames(typed: string, names: readonly string[], what: string): string {
  const nearest = nearestName(typed, names);
  return nearest === undefined ? `the ${what} are ${names.join(', ')}` : `did you mean ${nearest}?`;
}

function slipsIn(length: number): number {
  return length < 4 ? 0 : Math.min(2, Math.floor(length / 3));
}

/** How many letters to add, leave out, change or swap with the next one (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const changed = (last[j - 1] ?? 0) + (isSame ? 0 : 1);
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed, swapped));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
