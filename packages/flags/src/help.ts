import { type FlagHelp, helpWithChoices, visibleFlags } from './describe.ts';
import type { FlagTable } from './table.ts';

/** Between the names of the flags and what they do. */
const GAP = '   ';

/** One entry of help: what it is about, and what it says. */
export type HelpRow = readonly [term: string, text: string];

/** The help of a program, laid out like pflag's: `Usage of <name>:` and one line per flag. */
export function formatHelp(programName: string, table: FlagTable): string {
  return `Usage of ${programName}:\n${formatRows(flagRows(table))}`;
}

/** The visible flags of a table as help prints them, such as `  -o, --format string`. */
export function flagRows(table: FlagTable): HelpRow[] {
  return visibleFlags(table).map((flag) => {
    const head = flag.short === undefined ? '      ' : `  -${flag.short}, `;
    return [`${head}--${flag.name} ${flag.typeName}`.trimEnd(), helpOf(flag)];
  });
}

/** Rows in two columns. @param width of the first one, if other rows share it */
export function formatRows(rows: readonly HelpRow[], width = widthOf(rows)): string {
  const newLine = `\n${' '.repeat(width + GAP.length)}`;
  return rows
    .map(([term, text]) => `${term.padEnd(width)}${GAP}${text.replaceAll('\n', newLine)}\n`)
    .join('');
}

/** The width of the first column. */
export function widthOf(rows: readonly HelpRow[]): number {
  return Math.max(0, ...rows.map(([term]) => term.length));
}

function helpOf(flag: FlagHelp): string {
  const { defaultText } = flag;
  const help = helpWithChoices(flag);
  return defaultText === undefined ? help : `${help} (default ${defaultText})`;
}
