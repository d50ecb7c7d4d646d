import { type SealedSecret, scopeOf } from '@fuin/crypto-core';
import type { TextEdit } from '@fuin/manifests/edit-in-place';
import { openSealedFile, type SealedFile } from '../../input/sealed-files.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';

/** The three versions of a file. */
export interface Versions<T> {
  readonly ours: T;
  readonly base: T;
  readonly theirs: T;
}

type Items = Readonly<Record<string, string>>;

/** What the items of one SealedSecret merge to. */
interface MergedItems {
  /** Sealed values; undefined for an item that goes. */
  readonly merged: ReadonlyMap<string, string | undefined>;
  /** Items that both sides changed, each in its own way. */
  readonly conflicts: ReadonlySet<string>;
}

/**
 * The three versions, so prepared that merging them by lines gives each item the value of the side that
 * changed it, and a conflict for those that both changed. Comments and order stay those of our side, unless
 * only their side changed something beside the items.
 *
 * @returns undefined where the items cannot be merged one by one: the file holds no SealedSecret or cannot be
 *   read, a SealedSecret is there twice, came, went, or changed its scope
 */
export async function preparedVersions(
  versions: Versions<Uint8Array>,
): Promise<Versions<Uint8Array> | undefined> {
  const [ours, base, theirs] = [
    await open(versions.ours),
    await open(versions.base),
    await open(versions.theirs),
  ];
  if (!ours || !theirs || (!base && versions.base.length > 0)) return undefined;
  const merged = mergeAll(ours, base, theirs);
  if (!merged) return undefined;
  const onto = await sideWithOtherChanges({ ours, base, theirs });
  if (onto === 'both')
    return {
      ours: await rewritten(ours, merged, () => undefined),
      base: base ? await rewritten(base, merged, () => undefined) : versions.base,
      theirs: await rewritten(theirs, merged, () => undefined),
    };
  const file = onto === 'theirs' ? theirs : ours;
  const side = (from: SealedFile | undefined) =>
    rewritten(file, merged, (place, item) => {
      const sealed = from && byPlace(from).get(place);
      return { text: sealed && valueIn(itemsOf(sealed), item) };
    });
  return { ours: await side(ours), base: await side(base), theirs: await side(theirs) };
}

/**
 * The items of every SealedSecret; undefined where the versions do not hold the same ones in the same scopes.
 */
function mergeAll(
  ours: SealedFile,
  base: SealedFile | undefined,
  theirs: SealedFile,
): ReadonlyMap<string, MergedItems> | undefined {
  const sides = [ours, theirs, ...(base ? [base] : [])].map(byPlace);
  const places = new Set(sides.flatMap((side) => [...side.keys()]));
  if (sides.some((side) => side.size !== places.size)) return undefined;
  const merged = new Map<string, MergedItems>();
  for (const place of places) {
    const [our, their, old] = sides.map((side) => side.get(place));
    if (haveOtherScopes(our, their, old)) return undefined;
    merged.set(place, mergeItems(itemsOf(old), itemsOf(our), itemsOf(their)));
  }
  return merged;
}

async function open(bytes: Uint8Array): Promise<SealedFile | undefined> {
  const opened = await openSealedFile(
    { bytes, where: 'it', isNamed: false, isStdin: false },
    () => undefined,
  );
  if (opened && byPlace(opened).size < opened.sealed.length) return undefined;
  return opened;
}

function byPlace({ sealed }: SealedFile): ReadonlyMap<string, SealedInput> {
  return new Map(
    sealed.map((each) => {
      const { namespace = '', name = '' } = each.sealedSecret.metadata;
      return [`${namespace}/${name}`, each];
    }),
  );
}

function itemsOf(sealed: SealedInput | undefined): Items {
  return sealed?.sealedSecret.spec.encryptedData ?? {};
}

function valueIn(items: Items, item: string): string | undefined {
  return Object.hasOwn(items, item) ? items[item] : undefined;
}

/** Whether a merged file can be read, and holds each SealedSecret once. */
export async function isReadable(bytes: Uint8Array): Promise<boolean> {
  try {
    return (await open(bytes)) !== undefined;
  } catch {
    return false;
  }
}

/** A value that was sealed for one scope cannot stand beside values of another one. */
function haveOtherScopes(...versions: readonly (SealedInput | undefined)[]): boolean {
  const scopes = versions.flatMap((each) => (each ? [scopeIn(each.sealedSecret)] : []));
  return new Set(scopes).size > 1;
}

function scopeIn({ metadata }: SealedSecret): string {
  return scopeOf(metadata.annotations);
}

function mergeItems(base: Items, ours: Items, theirs: Items): MergedItems {
  const merged = new Map<string, string | undefined>();
  const conflicts = new Set<string>();
  for (const item of new Set([base, ours, theirs].flatMap((items) => Object.keys(items)))) {
    const [old, our, their] = [valueIn(base, item), valueIn(ours, item), valueIn(theirs, item)];
    if (our === their || their === old) merged.set(item, our);
    else if (our === old) merged.set(item, their);
    else conflicts.add(item);
  }
  return { merged, conflicts };
}

/** Which side changed something beside the items. */
async function sideWithOtherChanges({
  ours,
  base,
  theirs,
}: {
  readonly ours: SealedFile;
  readonly base: SealedFile | undefined;
  readonly theirs: SealedFile;
}): Promise<'ours' | 'theirs' | 'both'> {
  const [our, old, their] = [await bare(ours), base && (await bare(base)), await bare(theirs)];
  if (their === old || our === their) return 'ours';
  return our === old ? 'theirs' : 'both';
}

/** The file without its items. */
async function bare({ file, sealed }: SealedFile): Promise<string> {
  const edits = sealed.flatMap((each) =>
    Object.keys(itemsOf(each)).map((item) => ({ ...placeOf(each, item), remove: true as const })),
  );
  return Buffer.from(await file.rewrite(edits)).toString('base64');
}

function placeOf({ document }: SealedInput, item: string) {
  return { document: document.index, path: [...document.path, 'spec', 'encryptedData', item] };
}

/** @param conflicting what a conflicting item gets; undefined leaves it as it is */
async function rewritten(
  opened: SealedFile,
  merged: ReadonlyMap<string, MergedItems>,
  conflicting: (place: string, item: string) => { readonly text: string | undefined } | undefined,
): Promise<Uint8Array> {
  const edits: TextEdit[] = [];
  for (const [place, sealed] of byPlace(opened)) {
    const current = itemsOf(sealed);
    const set = (item: string, text: string | undefined) => {
      if (valueIn(current, item) === text) return;
      edits.push({
        ...placeOf(sealed, item),
        ...(text === undefined ? { remove: true as const } : { text }),
      });
    };
    for (const [item, text] of merged.get(place)?.merged ?? []) set(item, text);
    for (const item of merged.get(place)?.conflicts ?? []) {
      const side = conflicting(place, item);
      if (side) set(item, side.text);
    }
  }
  return edits.length === 0 ? opened.input.bytes : opened.file.rewrite(edits);
}
