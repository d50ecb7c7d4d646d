import {
  contradictions,
  MAX_LISTED_ITEMS,
  printable,
  type Scope,
  type SealedSecret,
  scopeOf,
  sealedSizes,
  sealingNoteOf,
  type ValueFormat,
} from '@fuin/crypto-core';
import { factsOfValue } from '../input/sealed-format.ts';
import type { SealedInput } from '../input/sealed-secrets.ts';
import { type Looks, looksOf } from './check-value.ts';
import { type KnownKeys, type SaidKeys, type SealingKey, sealingKeyOf } from './sealing-key.ts';

/** What is visible of a SealedSecret without its plaintext. */
export interface ObjectReport {
  readonly file: string;
  /** `document 2 of deploy/db.yaml`. */
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly scope: Scope;
  readonly items: readonly ItemReport[];
  readonly notes: readonly Note[];
}

/** One item of it. */
export interface ItemReport {
  readonly name: string;
  readonly looks: Looks;
  /** Of the plaintext; undefined unless the value looks sealed. */
  readonly valueBytes?: number;
  readonly keyBits?: number;
  /** Undefined unless the value looks sealed. */
  readonly format?: ValueFormat;
  /** Ids of the keys that open it. Only of format v2. */
  readonly recipients?: readonly string[];
  /** Whether it opens only as this item. Only of format v2. */
  readonly bindsItem?: boolean;
  /** After this moment the sealer wants nobody to use it. */
  readonly expiresAt?: Date;
  readonly key: SealingKey;
}

/** Something that a person should look at. */
export interface Note {
  readonly kind: 'template-namespace' | 'template-name' | 'template-scope' | 'not-opened' | 'duplicate';
  readonly message: string;
}

/** Fingerprints by item, as the status of the live object has them. */
export type LiveKeys = ReadonlyMap<string, string>;

/** Stands for the legacy field that holds a whole Secret in one value; no item can be called so. */
const LEGACY_ITEM = '(spec.data)';
const UNKNOWN: SealingKey = { status: 'unknown', evidence: 'none' };

/** Inspects one SealedSecret: each value is read once, and opened only with keys that were given. */
export async function inspectObject(
  { sealedSecret, label }: SealedInput,
  file: string,
  known: KnownKeys,
  inCluster: LiveKeys = new Map(),
): Promise<ObjectReport> {
  const { metadata, spec } = sealedSecret;
  const legacy = spec.data ? [[LEGACY_ITEM, spec.data] as const] : [];
  const noted = sealingNoteOf(sealedSecret);
  const items: ItemReport[] = [];
  for (const [name, value] of [...Object.entries(spec.encryptedData), ...legacy])
    items.push(
      await inspectItem(name, value, sealedSecret, {
        known,
        said: { cluster: inCluster.get(name), note: noted.get(name) },
      }),
    );
  return {
    file,
    label,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    scope: scopeOf(metadata.annotations),
    items,
    notes: [...templateNotes(sealedSecret), ...unopenedNotes(items, known)],
  };
}

async function inspectItem(
  name: string,
  value: string,
  { apiVersion, kind, metadata }: SealedSecret,
  { known, said }: { readonly known: KnownKeys; readonly said: SaidKeys },
): Promise<ItemReport> {
  const looks = looksOf(value);
  if (looks !== 'sealed') return { name, looks, key: UNKNOWN };
  return {
    name,
    looks,
    ...sealedSizes(value),
    ...termsIn(value),
    key: await sealingKeyOf({ item: name, sealed: value }, { apiVersion, kind, metadata }, known, said),
  };
}

/** What a value of format v2 tells beside its keys. */
function termsIn(value: string): Partial<ItemReport> {
  const { format, recipients, bindsItem, expiresAt } = factsOfValue(value);
  return {
    format,
    ...(format === 'v2' ? { recipients, bindsItem } : {}),
    ...(expiresAt ? { expiresAt } : {}),
  };
}

function templateNotes(sealedSecret: SealedSecret): Note[] {
  return contradictions(sealedSecret).flatMap(({ cause, message }): Note[] => {
    const kind = TEMPLATE_NOTES.find((each) => each === cause);
    return kind ? [{ kind, message }] : [];
  });
}

const TEMPLATE_NOTES = ['template-namespace', 'template-name', 'template-scope'] as const;

function unopenedNotes(items: readonly ItemReport[], { ring }: KnownKeys): Note[] {
  const closed = items.filter(({ looks, key }) => looks === 'sealed' && key.evidence !== 'opened');
  if (ring.keys.length === 0 || closed.length === 0) return [];
  const what = closed.length === items.length ? 'it' : listed(closed.map(({ name }) => name));
  return [
    {
      kind: 'not-opened',
      message: `none of the given keys opens ${what} under this name, namespace and scope`,
    },
  ];
}

function listed(names: readonly string[]): string {
  const more = names.length > MAX_LISTED_ITEMS ? [`and ${names.length - MAX_LISTED_ITEMS} more`] : [];
  return [...names.slice(0, MAX_LISTED_ITEMS).map(printable), ...more].join(', ');
}

/** The reports with a note on each object that is there more than once: usual with several clusters. */
export function withDuplicates(reports: readonly ObjectReport[]): ObjectReport[] {
  const byPlace = Map.groupBy(reports, ({ namespace, name }) => JSON.stringify([namespace, name]));
  return reports.map((report) => {
    const { namespace, name } = report;
    const same = byPlace.get(JSON.stringify([namespace, name])) ?? [];
    if (same.length < 2) return report;
    const first = same[0] === report ? same[1] : same[0];
    const more = same.length > 2 ? ` and ${same.length - 2} more` : '';
    const note: Note = {
      kind: 'duplicate',
      message: `the same namespace and name are in ${first?.label}${more}`,
    };
    return { ...report, notes: [...report.notes, note] };
  });
}
