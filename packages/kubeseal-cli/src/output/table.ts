import { visible } from '@fuin/crypto-core';

/** One column of a table whose rows are made of `Row`. */
export interface Column<Row> {
  readonly title: string;
  /** Whether only a wide table has it. */
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => string;
}

const SHORT_FINGERPRINT = 'SHA256:'.length + 8;

/**
 * A line for each row, below headings, in columns. A cell never breaks the line, and an empty one is a dash,
 * so that programs can count columns. The column KEY is shortened in a table that is not wide.
 */
export function tableText<Row>(all: readonly Column<Row>[], rows: readonly Row[], isWide: boolean): string {
  if (rows.length === 0) return '';
  const columns = all.filter((column) => isWide || !column.isWide);
  const cells = rows.map((row) => columns.map(({ cell, title }) => shown(cell(row), title, isWide)));
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_column, at) =>
    lines.reduce((most, line) => Math.max(most, line[at]?.length ?? 0), 0),
  );
  const pad = (cell: string, at: number) =>
    columns[at]?.isNumber ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
  return lines.map((line) => `${line.map(pad).join('   ').trimEnd()}\n`).join('');
}

function shown(text: string, title: string, isWide: boolean): string {
  const short = title === 'KEY' && !isWide ? text.slice(0, SHORT_FINGERPRINT) : text;
  return visible(short.replaceAll('\n', '\\n')) || '-';
}
