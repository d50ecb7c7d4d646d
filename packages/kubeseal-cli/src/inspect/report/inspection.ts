import type { Failure } from '../../input/tree/failures.ts';
import { jsonText } from '../../output/json-text.ts';
import { type Column, tableText } from '../../output/table.ts';
import type { Looks } from '../check-value.ts';
import type { ItemReport, ObjectReport } from '../inspect-object.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;
const DAY_MS = 24 * 3_600_000;

/** What the values of `state` are called. */
const STATES: Readonly<Record<Looks, string>> = {
  sealed: 'sealed',
  damaged: 'damaged',
  reference: 'template',
  clear: 'not-sealed',
};

/** What one line of the table is about. */
interface Row {
  readonly item: ItemReport;
  readonly object: ObjectReport;
  readonly now: Date;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAMESPACE', cell: ({ object }) => object.namespace },
  { title: 'NAME', cell: ({ object }) => object.name },
  { title: 'ITEM', cell: ({ item }) => item.name },
  { title: 'SCOPE', cell: ({ object }) => object.scope },
  { title: 'BYTES', isNumber: true, cell: ({ item }) => String(item.valueBytes ?? '') },
  { title: 'STATUS', cell: ({ item: { looks, key } }) => (looks === 'sealed' ? key.status : STATES[looks]) },
  { title: 'AGE', cell: ({ item: { key }, now }) => (key.createdAt ? ageOf(key.createdAt, now) : '') },
  { title: 'RSA', isWide: true, isNumber: true, cell: ({ item }) => String(item.keyBits ?? '') },
  { title: 'FORMAT', isWide: true, cell: ({ item }) => formatCell(item) },
  {
    title: 'EXPIRES',
    isWide: true,
    cell: ({ item }) => item.expiresAt?.toISOString().replace(/\.000Z$/, 'Z') ?? '',
  },
  {
    title: 'EVIDENCE',
    isWide: true,
    cell: ({ item: { key } }) => (key.evidence === 'none' ? '' : key.evidence),
  },
  // programs count columns, so that several keys are one cell
  { title: 'KEY', cell: ({ item }) => (item.key.fingerprint ?? '').replaceAll(' ', ',') },
  { title: 'FILE', cell: ({ object }) => object.file },
];

/** A row for each item, below headings, in columns. An object without items has a row too. */
export function tableOf(reports: readonly ObjectReport[], isWide: boolean, now: Date): string {
  const rows = reports.flatMap((object) => {
    const items = object.items.length > 0 ? object.items : [NO_ITEM];
    return items.map((item) => ({ item, object, now }));
  });
  return tableText(COLUMNS, rows, isWide);
}

const NO_ITEM: ItemReport = { name: '', looks: 'sealed', key: { status: 'unknown', evidence: 'none' } };

/** `v2`, or `v2,bound` where the value opens only as its item. */
function formatCell({ format, bindsItem }: ItemReport): string {
  return `${format ?? ''}${bindsItem ? ',bound' : ''}`;
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
  return jsonText(document);
}

function itemOf({ name, looks, valueBytes, keyBits, key, ...terms }: ItemReport) {
  const { fingerprint, createdAt, status, evidence } = key;
  return {
    name,
    state: STATES[looks],
    valueBytes: valueBytes ?? null,
    keyBits: keyBits ?? null,
    format: terms.format ?? null,
    recipients: terms.recipients ?? null,
    boundToItem: terms.bindsItem ?? null,
    expiresAt: terms.expiresAt?.toISOString() ?? null,
    keyStatus: status,
    keyEvidence: evidence,
    keyFingerprint: fingerprint ?? null,
    keyCreatedAt: createdAt?.toISOString() ?? null,
  };
}
