import { isReached } from '../../test/bench/support/figures/report.ts';
import type { Result } from '../../test/bench/support/figures/results.ts';

/** A row beside upstream. */
export interface Comparison {
  readonly work: string;
  /** Figures with their units. */
  readonly ours: string;
  readonly upstream: string;
  /** Upstream's figure divided by Fuin's, both a cost: above 1, Fuin needs less. */
  readonly gain: number;
  /** The gain that was aimed at, and whether it was reached. */
  readonly aim?: { readonly gain: number; readonly isReached: boolean };
}

/**
 * Rows with names that stand alone. In a table of a benchmark, an indented name goes on from the last one
 * that is not, and a row without a name has that of the last one that is not.
 */
export function nameWhole(rows: readonly Result[]): Result[] {
  let parent = '';
  return rows.map((row) => {
    if (row.work === '') return { ...row, work: parent };
    if (row.work.startsWith(' ')) return { ...row, work: `${parent}: ${row.work.trim()}` };
    parent = row.work;
    return row;
  });
}

/**
 * The rows beside upstream.
 *
 * @throws Error for one whose ratio is none
 */
export function comparisonsOf(rows: readonly Result[]): Comparison[] {
  return rows.flatMap((row) => {
    const { work, ours, against, ratio, upstream, aim } = row;
    if (upstream === undefined) return [];
    if (ratio === undefined || !(ratio > 0 && ratio < Infinity)) throw new Error(`${work} has no ratio`);
    const gainOf = (value: number) => (upstream === 'upstream/ours' ? value : 1 / value);
    const bound = aim && ('atLeast' in aim ? aim.atLeast : aim.atMost);
    return {
      work,
      ours,
      upstream: figureOf(against),
      gain: gainOf(ratio),
      ...(aim && bound && { aim: { gain: gainOf(bound), isReached: isReached(ratio, aim) } }),
    };
  });
}

/** Upstream's figure, with what the row says about it behind. */
function figureOf(against: string): string {
  const [, note, figure = against] =
    /^upstream(?:'s kubeseal)?,? (?:(.+?) )?([\d.]+ \S.*)$/.exec(against) ?? [];
  return note === undefined ? figure : `${figure} (${note})`;
}

/** A gain as a person says it: `3.8× less`, `1.3× more`. */
export function formatGain(gain: number): string {
  const [factor, word] = gain >= 1 ? [gain, 'less'] : [1 / gain, 'more'];
  const digits = factor >= 99.5 ? 0 : factor >= 9.95 ? 1 : 2;
  return Number(factor.toFixed(2)) === 1 ? 'as much' : `${factor.toFixed(digits)}× ${word}`;
}

/** A gain that was aimed at: `at least 2× less`, `at most 1.3× more`. */
export function formatAim(gain: number): string {
  const factor = Number(Math.max(gain, 1 / gain).toFixed(2));
  if (factor === 1) return 'at most as much';
  return gain > 1 ? `at least ${factor}× less` : `at most ${factor}× more`;
}

/** What became of an aim. */
export function formatVerdict(isReached: boolean): 'reached' | 'missed' {
  return isReached ? 'reached' : 'missed';
}
