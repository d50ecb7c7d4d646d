/** The fields of a record, or in Go's words why a string has none. */
export type CsvReading = { readonly value: readonly string[] } | { readonly reason: string };

type CsvField = { readonly text: string; readonly end: number } | { readonly reason: string };

/**
 * Reads the first record of a CSV string (RFC 4180) like Go's encoding/csv: a field in double quotes may
 * contain commas, line ends and doubled quotes; empty lines before the record are skipped.
 */
export function readCsv(text: string): CsvReading {
  if (text === '') return { value: [] };
  const lines = text.replaceAll('\r\n', '\n').replace(/\r$/, '');
  const fields: string[] = [];
  for (let start = lines.search(/[^\n]/); ; ) {
    if (start < 0) return { reason: 'EOF' };
    const field = lines[start] === '"' ? readQuoted(lines, start) : readBare(lines, start);
    if ('reason' in field) return field;
    fields.push(field.text);
    if (lines[field.end] !== ',') return { value: fields };
    start = field.end + 1;
  }
}

function readBare(text: string, start: number): CsvField {
  const end = start + text.slice(start).search(/[,\n]|$/);
  const field = text.slice(start, end);
  const quoteAt = field.indexOf('"');
  if (quoteAt < 0) return { text: field, end };
  return { reason: errorAt(text, start + quoteAt, 'bare " in non-quoted-field') };
}

function readQuoted(text: string, start: number): CsvField {
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') content += text[at];
    else if (text[at + 1] === '"') content += text[++at];
    else if (/^([,\n]|$)/.test(text.slice(at + 1, at + 2))) return { text: content, end: at + 1 };
    else return { reason: errorAt(text, at, 'extraneous or missing " in quoted-field') };
  }
  return { reason: errorAt(text, text.length, 'extraneous or missing " in quoted-field') };
}

/** Go counts lines and columns from 1, columns in bytes. A line end at the very end does not begin a line. */
function errorAt(text: string, at: number, reason: string): string {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf('\n', at === text.length ? at - 2 : at - 1) + 1;
  const line = lineNumber(text.slice(0, lineStart));
  const firstLine = lineNumber(text.slice(0, text.search(/[^\n]/)));
  const column = Buffer.byteLength(before.slice(lineStart)) + 1;
  const place = `parse error on line ${line}, column ${column}: ${reason}`;
  return line === firstLine ? place : `record on line ${firstLine}; ${place}`;
}

function lineNumber(before: string): number {
  return before.split('\n').length;
}
