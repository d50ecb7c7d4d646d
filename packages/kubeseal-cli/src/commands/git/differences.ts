import { printable, visible } from '@fuin/crypto-core';
import type { Failure } from '../../input/tree/failures.ts';
import { jsonText } from '../../output/json-text.ts';
import type { FieldDifference, ItemDifference } from './compare.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** One item of two versions. */
export interface ComparedItem {
  readonly item: string;
  readonly change: ItemDifference;
  /** Of two sealed values that differ, where something opens values. */
  readonly plaintext?: 'same' | 'differs' | 'unknown';
  /** Why it is unknown. */
  readonly reason?: string;
  /** Only where they were asked for. */
  readonly values?: { readonly before?: string; readonly after?: string };
}

/** Two versions of a SealedSecret. */
export interface Comparison {
  readonly place: string;
  readonly namespace: string;
  readonly name: string;
  /** The files; undefined where there is no such version. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly fields: readonly FieldDifference[];
  readonly items: readonly ComparedItem[];
  readonly differs: boolean;
}

const SIGNS: Readonly<Record<ItemDifference, string>> = {
  added: '+',
  removed: '-',
  changed: '~',
  same: ' ',
};
const PLAINTEXTS: Readonly<Record<NonNullable<ComparedItem['plaintext']>, string>> = {
  same: 'sealed again, same value',
  differs: 'another value',
  unknown: 'sealed value differs',
};

/** What differs, for people: a paragraph for each SealedSecret with a difference. */
export function differencesAsText(compared: readonly Comparison[]): string {
  return visible(compared.map(paragraphOf).join(''));
}

function paragraphOf({ place, before, after, fields, items }: Comparison): string {
  const changed = items.filter(({ change }) => change !== 'same');
  const isOneSided = before === undefined || after === undefined;
  if (!isOneSided && fields.length === 0 && changed.length === 0) return '';
  const [sign, where] = isOneSided
    ? [before === undefined ? '+ ' : '- ', before ?? after ?? '']
    : ['', before === after ? before : `${before}, ${after}`];
  const lines = [
    ...fields.map(({ field, before: a, after: b }) =>
      a === undefined ? `  ~ ${field}\n` : `  ~ ${field}: ${a || 'none'} -> ${b || 'none'}\n`,
    ),
    ...changed.map((each) => `  ${SIGNS[each.change]} ${printable(each.item)}${remarkOn(each)}\n`),
  ];
  return `${sign}${oneLine(place)} (${oneLine(where)})\n${lines.map(oneLineEnded).join('')}`;
}

function remarkOn({ change, plaintext, reason, values }: ComparedItem): string {
  const remark = change === 'changed' ? `: ${PLAINTEXTS[plaintext ?? 'unknown']}` : '';
  const why = reason === undefined ? '' : ` (${reason})`;
  if (!values) return `${remark}${why}`;
  const shown = [values.before ?? '-', values.after ?? '-'].join(' -> ');
  return `${remark}${why}${change === 'changed' ? '; ' : ': '}${shown}`;
}

function oneLine(text: string): string {
  return text.replaceAll('\n', '\\n');
}

function oneLineEnded(line: string): string {
  return `${oneLine(line.slice(0, -1))}\n`;
}

/** The same for programs (docs/commands/git.md). It holds values only where they were asked for. */
export function differencesAsJson(compared: readonly Comparison[], failures: readonly Failure[]): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    differs: compared.some(({ differs }) => differs),
    sealedSecrets: compared.map(({ namespace, name, before, after, fields, items, differs }) => ({
      namespace,
      name,
      before: before ?? null,
      after: after ?? null,
      differs,
      fields,
      items,
    })),
    errors: failures.map(({ where, error }) => ({ file: where, message: error.message })),
  };
  return jsonText(document);
}
