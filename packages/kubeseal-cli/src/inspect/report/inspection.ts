import { visible } from '@fuin/crypto-core';
import type { Failure } from '../../input/tree/failures.ts';
import type { Looks } from '../check-value.ts';
import type { ItemReport, ObjectReport } from '../inspect-object.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;
const DAY_MS = 24 * 3_600_000;
const SHORT_FINGERPRINT = 'SHA256:'.length + 8;

/** What the values of `state` are called. */
const STATES: Readonly<Record<Looks, string>> = {
  sealed: 'sealed',
  damaged: 'damaged',
  reference: 'template',
  clear: 'not-sealed',
};

interface Column {
  readonly title: string;
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
  readonly cell: (item: ItemReport, object: ObjectReport, now: Date) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'NAMESPACE', cell: (_item, { namespace }) => namespace },
  { title: 'NAME', cell: (_item, { name }) => name },
  { title: 'ITEM', cell: ({ name }) => name },
  { title: 'SCOPE', cell: (_item, { scope }) => scope },
  { title: 'BYTES', isNumber: true, cell: ({ valueBytes }) => String(valueBytes ?? '') },
  { title: 'STATUS', cell: ({ looks, key }) => (looks === 'sealed' ? key.status : STATES[looks]) },
  { title: 'AGE', cell: ({ key }, _object, now) => (key.createdAt ? ageOf(key.createdAt, now) : '') },
  { title: 'RSA', isWide: true, isNumber: true, cell: ({ keyBits }) => String(keyBits ?? '') },
  { title: 'EVIDENCE', isWide: true, cell: ({ key }) => (key.evidence === 'none' ? '' : key.evidence) },
  { title: 'KEY', cell: ({ key }) => key.fingerprint ?? '' },
  { title: 'FILE', cell: (_item, { file }) => file },
];

/** A row for each item, below headings, in columns. An object without items has a row too. */
export function tableOf(reports: readonly ObjectReport[], isWide: boolean, now: Date): string {
  if (reports.length === 0) return '';
  const columns = COLUMNS.filter((column) => isWide || !column.isWide);
  const rows = reports.flatMap((object) => {
    const items = object.items.length > 0 ? object.items : [NO_ITEM];
    return items.map((item) =>
      columns.map(({ cell, title }) => shown(cell(item, object, now), title, isWide)),
    );
  });
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_column, at) =>
    lines.reduce((most, cells) => Math.max(most, cells[at]?.length ?? 0), 0),
  );
  const pad = (cell: string, at: number) =>
    columns[at]?.isNumber ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
  return lines.map((cells) => `${cells.map(pad).join('   ').trimEnd()}\n`).join('');
}

const NO_ITEM: ItemReport = { name: '', looks: 'sealed', key: { status: 'unknown', evidence: 'none' } };

/** A cell never breaks the line, and an empty one is a dash, so that programs can count columns. */
function shown(text: string, title: string, isWide: boolean): string {
  const short = title === 'KEY' && !isWide ? text.slice(0, SHORT_FINGERPRINT) : text;
  return visible(short.replaceAll('\n', '\\n')) || '-';
}

/** Like kubectl, in one unit. */
function ageOf(date: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - date.getTime()) / 60_000));
  if (minutes >= (2 * DAY_MS) / 60_000) return `${Math.floor((minutes * 60_000) / DAY_MS)}d`;
  return minutes >= 120 ? `${Math.floor(minutes / 60)}h` : `${minutes}m`;
}

/** One JSON document (docs/kubeseal.md). */
export function jsonOf(reports: readonly ObjectReport[], failures: readonly Failure[]): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    sealedSecrets: reports.map(({ file, label, namespace, name, scope, items, notes }) => ({
      file,
      place: label,
      namespace,
      name,
      scope,
      items: items.map(itemOf),
      notes,
    })),
    errors: failures.map(({ where, error }) => ({ file: where, message: error.message })),
  };
  // what a terminal obeys is escaped, which JSON may do with any character
  return `${visible(JSON.stringify(document, undefined, 2))}\n`;
}

function itemOf({ name, looks, valueBytes, keyBits, key }: ItemReport) {
  const { fingerprint, createdAt, status, evidence } = key;
  return {
    name,
    state: STATES[looks],
    valueBytes: valueBytes ?? null,
    keyBits: keyBits ?? null,
    keyStatus: status,
    keyEvidence: evidence,
    keyFingerprint: fingerprint ?? null,
    keyCreatedAt: createdAt?.toISOString() ?? null,
  };
}
