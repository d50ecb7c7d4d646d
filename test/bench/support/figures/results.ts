import type { Row } from './report.ts';

/** How, when and on what a file of results was measured. */
export interface Run {
  /** Day, in UTC: `2026-11-30`. */
  readonly date: string;
  /** Of this repository; `-dirty` at its end says that files were changed. */
  readonly commit: string;
  /** Whether it was the short form, whose sizes are too small for the aims to mean much. */
  readonly isShort: boolean;
  readonly processor: string;
  readonly cores: number;
  /** Processes that wanted to run, as an average of the minute before the start. */
  readonly load: number;
  /** Versions of what was measured, and of the API server. */
  readonly node: string;
  readonly upstream: string;
  readonly kubernetes: string;
  /** Names of benchmarks that this run did not have. */
  readonly leftOut: readonly string[];
}

/** A row as it stands in the file of results. */
export interface Result extends Row {
  /** Name of the script. */
  readonly benchmark: string;
}

/** What a file of results holds. */
export interface Results {
  readonly run: Run;
  readonly rows: readonly Result[];
}

/** Reads JSON lines: the run in the first, then one row each. @throws Error where the first is none */
export function parseResults(text: string): Results {
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  const { run } = head as { readonly run?: Run };
  if (run === undefined) throw new Error('results begin with a line about their run');
  return { run, rows: lines as Result[] };
}
