import { type Bytes, isItemName, printable } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import { refuseItemName, splitAtEquals } from '../item-argument.ts';
import { refuseTooMuch } from '../sources.ts';
import type { Loaded } from './store.ts';

/** An item that is asked for. */
export interface Choice {
  /** Its name in the SealedSecret. */
  readonly item: string;
  /** Its name in the source. */
  readonly old: string;
}

/** An item that will be sealed. */
export interface ChosenItem extends Choice {
  readonly value: Bytes;
  readonly origin: string;
}

/** Reads `ITEM` and `NEW=OLD`. @throws ERR_USAGE, also for a name that is given twice */
export function parseChoices(texts: readonly string[]): Choice[] {
  const choices = texts.map((text) => {
    const { key: item, value: old = item } = splitAtEquals(text);
    refuseItemName(item);
    if (old === '') throw usageError(`--item ${item} names no item of the source`, 'write NEW=OLD');
    return { item, old };
  });
  const twice = choices.find(({ item }, at) => choices.findIndex((each) => each.item === item) < at);
  if (twice) throw usageError(`--item gives ${twice.item} twice`);
  return choices;
}

/**
 * The items of all sources, or those that are asked for, under their new names.
 *
 * @throws ERR_USAGE for an item that is missing or there twice, a name that Kubernetes refuses, and more than
 *   1 MiB
 */
export function chooseItems(loaded: readonly Loaded[], choices: readonly Choice[]): ChosenItem[] {
  const all = loaded.flatMap(({ items, origin }) =>
    [...items].map(([old, value]) => ({ item: old, old, value, origin })),
  );
  const chosen =
    choices.length === 0
      ? all
      : choices.flatMap(({ item, old }) => named(old, all).map((each) => ({ ...each, item })));
  if (chosen.length === 0) throw usageError('there is no item to import');
  const names = new Set<string>();
  let bytes = 0;
  for (const { item, value, origin } of chosen) {
    if (!isItemName(item))
      throw usageError(
        `the name of the item ${printable(item)} of ${origin} is refused by Kubernetes`,
        `letters, digits, -, _ and . are allowed: choose another name with --item NEW=OLD`,
      );
    if (names.has(item))
      throw usageError(
        `item ${item} is given twice, the second time by ${origin}`,
        'import the sources one by one',
      );
    names.add(item);
    bytes += value.length;
    refuseTooMuch(bytes, item);
  }
  return chosen;
}

function named(old: string, all: readonly ChosenItem[]): readonly ChosenItem[] {
  const found = all.filter((each) => each.old === old);
  if (found.length > 0) return found;
  const names = all.map((each) => printable(each.old)).slice(0, 20);
  const there = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  throw usageError(
    `no source has the item ${printable(old)}`,
    `${there}; write --item ITEM or --item NEW=OLD`,
  );
}
