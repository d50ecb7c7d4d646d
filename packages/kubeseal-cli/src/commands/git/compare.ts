import { SEALING_NOTE, type SealedSecret, scopeOf } from '@fuin/crypto-core';
import { objectName } from '../../input/object-name.ts';
import type { ChosenInput } from '../../input/opening/choose.ts';

/** Two versions of a SealedSecret; one of them may be missing. */
export interface Pair {
  readonly before: ChosenInput | undefined;
  readonly after: ChosenInput | undefined;
}

/**
 * A field outside of the items that differs. Values are only shown where they are no content of templates.
 */
export interface FieldDifference {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** What became of one item. */
export type ItemDifference = 'added' | 'removed' | 'changed' | 'same';

/**
 * Which SealedSecrets of two places are versions of each other: those of the same namespace and name, in
 * their order where there are several; or the only ones.
 */
export function pairsOf(before: readonly ChosenInput[], after: readonly ChosenInput[]): Pair[] {
  const [first, second] = [before[0], after[0]];
  if (first && second && before.length === 1 && after.length === 1) return [{ before: first, after: second }];
  const waiting = Map.groupBy(after, nameOf);
  const pairs: Pair[] = before.map((each) => ({ before: each, after: waiting.get(nameOf(each))?.shift() }));
  return [...pairs, ...[...waiting.values()].flat().map((each) => ({ before: undefined, after: each }))];
}

function nameOf({ sealedSecret }: ChosenInput): string {
  return objectName(sealedSecret.metadata);
}

/** Every item of both versions by name, and what became of it. */
export function compareSealed(
  before: SealedSecret['spec']['encryptedData'],
  after: SealedSecret['spec']['encryptedData'],
): ReadonlyMap<string, ItemDifference> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return new Map([...names].map((item) => [item, differenceOf(valueIn(before, item), valueIn(after, item))]));
}

function differenceOf(before: string | undefined, after: string | undefined): ItemDifference {
  if (before === after) return 'same';
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

function valueIn(items: Readonly<Record<string, string>>, item: string): string | undefined {
  return Object.hasOwn(items, item) ? items[item] : undefined;
}

/** What differs outside of the items: place, scope, labels, annotations and the template. */
export function compareFields(before: SealedSecret, after: SealedSecret): FieldDifference[] {
  const shown = [
    ['name', before.metadata.name, after.metadata.name],
    ['namespace', before.metadata.namespace, after.metadata.namespace],
    ['scope', scopeOf(before.metadata.annotations), scopeOf(after.metadata.annotations)],
    ['type', before.spec.template?.type, after.spec.template?.type],
  ] as const;
  const [old, fresh] = [leavesOf(before), leavesOf(after)];
  const paths = new Set([...old.keys(), ...fresh.keys()]);
  return [
    ...shown.flatMap(([field, a = '', b = '']) => (a === b ? [] : [{ field, before: a, after: b }])),
    ...[...paths].filter((path) => old.get(path) !== fresh.get(path)).map((field) => ({ field })),
  ];
}

/**
 * The single values of what is compared by name only, by their paths. The sealing note goes with the sealed
 * values: alone it is no difference.
 */
function leavesOf({ metadata, spec }: SealedSecret): ReadonlyMap<string, string> {
  const { type: _, ...template } = spec.template ?? {};
  const { [SEALING_NOTE]: __, ...annotations } = metadata.annotations ?? {};
  const leaves = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) leaves.set(path, JSON.stringify(value));
    else for (const [key, below] of Object.entries(value)) visit(`${path}.${key}`, below);
  };
  visit('labels', metadata.labels ?? {});
  visit('annotations', annotations);
  visit('template', template);
  return leaves;
}
