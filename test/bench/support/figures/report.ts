import { appendFileSync } from 'node:fs';
import { parse } from 'node:path';

/** One line of a benchmark's table. */
export interface Row {
  readonly work: string;
  /** Figures with their units, as a person reads them. */
  readonly ours: string;
  readonly against: string;
  /** Of the two figures, so that it hardly depends on the machine. */
  readonly ratio?: number;
  /** Where the other figure is upstream's, of the same unit: what the ratio divides by what. */
  readonly upstream?: 'ours/upstream' | 'upstream/ours';
  /** What the ratio must reach; a row without one only informs. */
  readonly aim?: Aim;
}

/** The bound of a ratio. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number };

const COLUMNS = ['work', 'ours', 'against', 'ratio', 'aim', ''] as const;

/** Prints rows as a table, and adds them to the file of results that FUIN_BENCH_RESULTS names. */
export function printTable(rows: readonly Row[]): void {
  const file = process.env['FUIN_BENCH_RESULTS'];
  const benchmark = parse(process.argv[1] ?? '').name;
  if (file !== undefined)
    for (const row of rows) appendFileSync(file, `${JSON.stringify({ benchmark, ...row })}\n`);
  const cells = [[...COLUMNS], ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  for (const row of cells)
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}

/** Whether a ratio is as good as it must be. */
export function isReached(ratio: number, aim: Aim): boolean {
  return 'atLeast' in aim ? ratio >= aim.atLeast : ratio <= aim.atMost;
}

/** Milliseconds as a person reads them. */
export function formatMs(ms: number): string {
  return ms < 100 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Mebibytes as a person reads them. */
export function formatMiB(mebibytes: number): string {
  return `${mebibytes.toFixed(0)} MiB`;
}

function cellsOf({ work, ours, against, ratio, aim }: Row): string[] {
  return [work, ours, against, ratio === undefined ? '' : ratio.toFixed(2), ...verdict(ratio, aim)];
}

function verdict(ratio: number | undefined, aim: Row['aim']): [string, string] {
  if (aim === undefined || ratio === undefined) return ['', ''];
  const text = 'atLeast' in aim ? `>= ${aim.atLeast}` : `<= ${aim.atMost}`;
  return [text, isReached(ratio, aim) ? 'reached' : 'missed'];
}
