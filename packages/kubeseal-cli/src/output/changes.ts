import { jsonText } from './json-text.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** What happened to one item. */
export interface ItemChange {
  readonly item: string;
  readonly change: 'added' | 'changed' | 'removed' | 'renamed' | 'copied';
  /** The old name of a renamed item. */
  readonly from?: string;
}

/** What happened to one SealedSecret; without items it stays as it was. */
export interface ObjectReport {
  readonly file: string;
  readonly namespace: string;
  readonly name: string;
  readonly items: readonly ItemChange[];
}

/** A file that stays as it was, and why. */
export interface FailureReport {
  readonly where: string;
  readonly error: { readonly message: string };
}

/** One JSON document about what a command did to files (docs/kubeseal.md). It holds no value. */
export function changesAsJson(
  objects: readonly ObjectReport[],
  failures: readonly FailureReport[],
  isDryRun: boolean,
): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    dryRun: isDryRun,
    sealedSecrets: objects.map(({ file, namespace, name, items }) => ({
      file,
      namespace,
      name,
      changed: items.length > 0,
      items,
    })),
    errors: failures.map(({ where, error }) => ({ file: where, message: error.message })),
  };
  return jsonText(document);
}

/** How many SealedSecrets a command was about, and how many of them changed. */
export interface Tally {
  readonly total: number;
  readonly changed: number;
}

/** `12 of 300 SealedSecrets changed`; undefined for one, about which everything is said already. */
export function summaryOf({ total, changed }: Tally, isDryRun: boolean): string | undefined {
  if (total < 2) return undefined;
  return `${changed} of ${total} SealedSecrets ${isDryRun ? 'would change' : 'changed'}`;
}
