import { isItemName, printable, SealedSecretsError } from '@fuin/crypto-core';
import { factsOfValue } from '../../input/sealed-format.ts';
import type { ItemChange } from '../../output/changes.ts';
import { refuseTooMuch } from '../../values/sources.ts';
import type { Edited } from './edit-buffer.ts';

/** The items before and after an editor ran. */
interface Versions {
  /** Sealed values by item. */
  readonly sealed: Readonly<Record<string, string>>;
  /** The values that the editor showed. */
  readonly shown: ReadonlyMap<string, Uint8Array>;
  readonly edited: Edited;
}

/**
 * What an edit means: the values to seal, the sealed values to keep under a new name, and what is removed.
 */
export interface EditedItems {
  readonly toSeal: ReadonlyMap<string, Uint8Array>;
  readonly kept: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
  readonly items: readonly ItemChange[];
}

/**
 * Compares what the editor showed with what it left. A value under another name keeps its sealed value: one
 * that is still the same, or the only one that stays hidden.
 *
 * @throws ERR_MANIFEST_INVALID for a name that Kubernetes refuses, or where a hidden value cannot be found;
 *   ERR_USAGE for more than 1 MiB
 */
export function compareItems(versions: Versions): EditedItems {
  refuseNames(versions);
  const gone = new Set(Object.keys(versions.sealed).filter((item) => !versions.edited.has(item)));
  const fresh = [...versions.edited].filter(([item]) => !Object.hasOwn(versions.sealed, item));
  const renamed = renamesAmong(fresh, gone, versions.shown);
  for (const from of renamed.values()) gone.delete(from);
  const kept = [...renamed].filter(([item, from]) => !isBound(versions, item, from));
  const toSeal = valuesToSeal(versions, new Map(kept));
  const items: ItemChange[] = [...versions.edited.keys()].flatMap((item): ItemChange[] => {
    const from = renamed.get(item);
    if (from !== undefined) return [{ item, change: 'renamed', from }];
    if (!toSeal.has(item)) return [];
    return [{ item, change: Object.hasOwn(versions.sealed, item) ? 'changed' : 'added' }];
  });
  items.push(...[...gone].map((item) => ({ item, change: 'removed' as const })));
  return {
    toSeal,
    kept: Object.fromEntries(kept.map(([item, from]) => [item, versions.sealed[from] ?? ''])),
    removed: [...gone, ...renamed.values()],
    items,
  };
}

/**
 * Whether a value is bound to its old name, so that it is sealed again under the new one.
 *
 * @throws ERR_MANIFEST_INVALID where nobody knows the value
 */
function isBound({ sealed, edited }: Versions, item: string, from: string): boolean {
  if (!factsOfValue(sealed[from] ?? '').bindsItem) return false;
  if (edited.get(item) !== undefined) return true;
  throw invalid(
    `the value of ${printable(from)} is bound to its name: give --recovery-private-key or --from-cluster to rename it`,
  );
}

function refuseNames({ sealed, edited }: Versions): void {
  let bytes = 0;
  for (const [item, value] of edited) {
    bytes += value?.length ?? 0;
    refuseTooMuch(bytes, printable(item));
    if (!Object.hasOwn(sealed, item) && !isItemName(item))
      throw invalid(`Kubernetes refuses the name ${printable(item)} of an item`);
  }
}

/** Old names by new ones, for values that stay as they are sealed. */
function renamesAmong(
  fresh: readonly (readonly [string, Uint8Array | undefined])[],
  gone: ReadonlySet<string>,
  shown: Versions['shown'],
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const left = new Set(gone);
  for (const [item, value] of fresh) {
    if (value === undefined) continue;
    const from = [...left].find((each) => isSame(shown.get(each), value));
    if (from === undefined) continue;
    left.delete(from);
    renamed.set(item, from);
  }
  const hidden = fresh.filter(([, value]) => value === undefined).map(([item]) => item);
  const [first] = hidden;
  if (first === undefined) return renamed;
  return renamed.set(
    first,
    onlyHidden(
      first,
      hidden,
      [...left].filter((item) => !shown.has(item)),
    ),
  );
}

function valuesToSeal(
  { edited, shown }: Versions,
  renamed: ReadonlyMap<string, string>,
): ReadonlyMap<string, Uint8Array> {
  const toSeal = new Map<string, Uint8Array>();
  for (const [item, value] of edited)
    if (value !== undefined && !renamed.has(item) && !isSame(shown.get(item), value)) toSeal.set(item, value);
  return toSeal;
}

/**
 * The item whose hidden value goes to a new name.
 *
 * @throws ERR_MANIFEST_INVALID unless there is exactly one
 */
function onlyHidden(name: string, hidden: readonly string[], gone: readonly string[]): string {
  const [from] = gone;
  if (from !== undefined && gone.length === 1 && hidden.length === 1) return from;
  const reason = from === undefined ? 'no item was renamed' : 'several items could be meant';
  throw invalid(
    `${printable(name)} has no value: <sealed> stands for a value that is there already, and ${reason}`,
  );
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
