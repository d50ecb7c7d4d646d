import { visible } from '@fuin/crypto-core';
import { documentOf } from './report.ts';

/** One key as `keys list` prints it. */
export interface ListedKey {
  readonly name: string;
  /** Empty where it cannot be read. */
  readonly fingerprint: string;
  readonly status: string;
  readonly isNewest: boolean;
  readonly createdAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly subject: string;
  /** How many SealedSecrets need the key; undefined where nobody counted. */
  readonly neededInCluster: number | undefined;
  readonly neededInTree: number | undefined;
}

/** SealedSecrets of which no known key is known to open them. */
export interface UnknownNeeds {
  readonly cluster: number | undefined;
  readonly tree: number | undefined;
}

interface Column {
  readonly title: string;
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
  readonly cell: (key: ListedKey) => string;
}

const SHORT_FINGERPRINT = 'SHA256:'.length + 8;

const COLUMNS: readonly Column[] = [
  { title: 'KEY', cell: ({ fingerprint }) => fingerprint },
  { title: 'CREATED', cell: ({ createdAt }) => dayOf(createdAt) },
  { title: 'EXPIRES', cell: ({ expiresAt }) => dayOf(expiresAt) },
  { title: 'STATUS', cell: ({ status, isNewest }) => (isNewest ? 'newest' : status) },
  { title: 'CLUSTER', isNumber: true, cell: ({ neededInCluster }) => String(neededInCluster ?? '') },
  { title: 'TREE', isNumber: true, cell: ({ neededInTree }) => String(neededInTree ?? '') },
  { title: 'SUBJECT', isWide: true, cell: ({ subject }) => subject },
  { title: 'SECRET', isWide: true, cell: ({ name }) => name },
];

/** A row for each key below headings, in columns. */
export function keyTable(keys: readonly ListedKey[], isWide: boolean): string {
  if (keys.length === 0) return '';
  const columns = COLUMNS.filter((column) => isWide || !column.isWide);
  const rows = keys.map((key) => columns.map(({ cell, title }) => shown(cell(key), title, isWide)));
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_column, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const pad = (cell: string, at: number) =>
    columns[at]?.isNumber ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
  return lines.map((cells) => `${cells.map(pad).join('   ').trimEnd()}\n`).join('');
}

/** One JSON document (docs/commands/keys.md). */
export function keysAsJson(keys: readonly ListedKey[], unknown: UnknownNeeds): string {
  return documentOf({
    keys: keys.map((key) => ({
      name: key.name,
      fingerprint: key.fingerprint === '' ? null : key.fingerprint,
      status: key.status,
      newest: key.isNewest,
      createdAt: key.createdAt?.toISOString() ?? null,
      expiresAt: key.expiresAt?.toISOString() ?? null,
      subject: key.subject === '' ? null : key.subject,
      neededInCluster: key.neededInCluster ?? null,
      neededInTree: key.neededInTree ?? null,
    })),
    unknown: { cluster: unknown.cluster ?? null, tree: unknown.tree ?? null },
  });
}

/** A cell never breaks the line, and an empty one is a dash, so that programs can count columns. */
function shown(text: string, title: string, isWide: boolean): string {
  const short = title === 'KEY' && !isWide ? text.slice(0, SHORT_FINGERPRINT) : text;
  return visible(short.replaceAll('\n', '\\n')) || '-';
}

function dayOf(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? '';
}
