import { visible } from '@fuin/crypto-core';
import { jsonText } from '../../output/json-text.ts';
import type { ChosenItem } from '../../values/stores/choice.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** What was imported, or would be. */
interface ImportReport {
  readonly name: string;
  readonly type: string;
  /** Where the SealedSecrets go: one, or one for each cluster. An empty file means stdout. */
  readonly files: readonly { readonly file: string; readonly namespace: string }[];
  readonly items: readonly ChosenItem[];
}

/** One JSON document (docs/commands/import.md). It holds no value. */
export function importAsJson({ files, name, type, items }: ImportReport, isDryRun: boolean): string {
  const [first] = files;
  const document = {
    schemaVersion: SCHEMA_VERSION,
    dryRun: isDryRun,
    file: first?.file ?? '',
    namespace: first?.namespace ?? '',
    files: files.map(({ file, namespace }) => ({ file, namespace })),
    name,
    type,
    items: items.map(({ item, old, value, origin }) => ({
      item,
      from: old,
      bytes: value.length,
      source: origin,
    })),
  };
  return jsonText(document);
}

/** A table of names and sizes for people. */
export function importAsText({ items }: Pick<ImportReport, 'items'>): string {
  const rows = items.map(({ item, value, origin }) => [item, String(value.length), origin] as const);
  const lines = [['ITEM', 'BYTES', 'SOURCE'] as const, ...rows];
  const [first, second] = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map(
    ([item, bytes, origin]) => `${item.padEnd(first ?? 0)}  ${bytes.padStart(second ?? 0)}  ${origin}\n`,
  );
  return visible(text.join(''));
}
