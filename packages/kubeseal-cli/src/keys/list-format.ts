import { type Column, tableText } from '../output/table.ts';
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
  readonly retiredAt?: Date | undefined;
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

const COLUMNS: readonly Column<ListedKey>[] = [
  { title: 'KEY', cell: ({ fingerprint }) => fingerprint },
  { title: 'CREATED', cell: ({ createdAt }) => dayOf(createdAt) },
  { title: 'EXPIRES', cell: ({ expiresAt }) => dayOf(expiresAt) },
  { title: 'STATUS', cell: ({ status, isNewest }) => (isNewest ? 'newest' : status) },
  { title: 'CLUSTER', isNumber: true, cell: ({ neededInCluster }) => String(neededInCluster ?? '') },
  { title: 'TREE', isNumber: true, cell: ({ neededInTree }) => String(neededInTree ?? '') },
  { title: 'RETIRED', isWide: true, cell: ({ retiredAt }) => dayOf(retiredAt) },
  { title: 'SUBJECT', isWide: true, cell: ({ subject }) => subject },
  { title: 'SECRET', isWide: true, cell: ({ name }) => name },
];

/** A row for each key below headings, in columns. */
export function keyTable(keys: readonly ListedKey[], isWide: boolean): string {
  return tableText(COLUMNS, keys, isWide);
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
      retiredAt: key.retiredAt?.toISOString() ?? null,
      subject: key.subject === '' ? null : key.subject,
      neededInCluster: key.neededInCluster ?? null,
      neededInTree: key.neededInTree ?? null,
    })),
    unknown: { cluster: unknown.cluster ?? null, tree: unknown.tree ?? null },
  });
}

function dayOf(date: Date | undefined): string {
  return date?.toISOString().slice(0, 10) ?? '';
}
