import type { PlacedFinding } from '../judge/finding.ts';
import type { PinnedKey } from '../pinned-keys.ts';
import { itemFinding } from './findings.ts';
import type { SealedFact, SealedItemFact } from './sealed-facts.ts';

/** Compares the keys that sealed the items of one file with the certificates, and with each other. */
export function judgeKeys(facts: readonly SealedFact[], keys: FileKeys): PlacedFinding[] {
  const items = facts.flatMap((fact) => fact.items.map((item) => ({ fact, item })));
  return [...items.flatMap(({ fact, item }) => judgeKey(fact, item, keys)), ...severalKeys(items)];
}

/** The keys that the items of a file are compared with. */
export interface FileKeys {
  /** Those that are right for the file; empty where that is not known. */
  readonly own: readonly PinnedKey[];
  /** Those of all clusters. */
  readonly known: readonly PinnedKey[];
}

function judgeKey(fact: SealedFact, item: SealedItemFact, { own, known }: FileKeys): PlacedFinding[] {
  const current = own.filter(({ isNewest }) => isNewest);
  if (current.length === 0) return [];
  const { fingerprint, keyBits } = item;
  const right = [...new Set(current.map(({ name }) => name))].join(', ');
  if (fingerprint === undefined) {
    const fits = (key: PinnedKey) => key.keyBits === undefined || key.keyBits === keyBits;
    if (keyBits === undefined || current.some(fits)) return [];
    const sizes = [...new Set(current.map((key) => key.keyBits))].join(' or ');
    const why = `was sealed with a key of ${keyBits} bits, and that of ${right} has ${sizes}`;
    return [itemFinding('stale-key', fact, item, why)];
  }
  if (current.some((key) => key.fingerprint === fingerprint)) return [];
  if (own.some((key) => key.fingerprint === fingerprint))
    return [itemFinding('stale-key', fact, item, `was sealed with an older key of ${right}, says its note`)];
  const other = known.find((key) => key.fingerprint === fingerprint);
  if (other)
    return [
      itemFinding(
        'other-key',
        fact,
        item,
        `was sealed with the key of ${other.name} and not of ${right}, says its note`,
      ),
    ];
  const why = `was sealed with key ${fingerprint}, says its note, which is not that of ${right}: an older key, or one of another cluster`;
  return [itemFinding('stale-key', fact, item, why)];
}

interface Placed {
  readonly fact: SealedFact;
  readonly item: SealedItemFact;
}

/** Items of one file that were certainly sealed with different keys: by their notes, or by their sizes. */
function severalKeys(items: readonly Placed[]): PlacedFinding[] {
  const [first, ...others] = items;
  if (!first) return [];
  const different = others.find(({ item }) => isOtherKey(item, first.item)) ?? byNote(items);
  if (!different) return [];
  const { file, label } = different.fact;
  const message = `${label}: item ${different.item.name} was sealed with another key than others of ${file}`;
  return [{ rule: 'several-keys', message, about: [], path: [], file, line: different.item.line }];
}

function isOtherKey(a: SealedItemFact, b: SealedItemFact): boolean {
  const areNoted = a.fingerprint !== undefined && b.fingerprint !== undefined;
  const areSized = a.keyBits !== undefined && b.keyBits !== undefined;
  return (areSized && a.keyBits !== b.keyBits) || (areNoted && a.fingerprint !== b.fingerprint);
}

function byNote(items: readonly Placed[]): Placed | undefined {
  const [first, ...others] = items.filter(({ item }) => item.fingerprint !== undefined);
  return first && others.find(({ item }) => isOtherKey(item, first.item));
}

/** Certificates that nothing can be sealed with any more. */
export function judgeCertificates(pinned: readonly PinnedKey[], now: Date): PlacedFinding[] {
  return pinned.flatMap(({ file, isNewest, notAfter }) => {
    if (!isNewest || notAfter === undefined || notAfter >= now) return [];
    const message = `the certificate ${file} expired on ${notAfter.toISOString().slice(0, 10)}`;
    return [{ rule: 'expired-certificate', message, about: [], path: [], file, line: 1 } as const];
  });
}
