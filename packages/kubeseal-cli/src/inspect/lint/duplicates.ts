import { dirname } from 'node:path';
import type { PlacedFinding } from '../judge/finding.ts';
import { objectFinding } from './findings.ts';
import type { SealedFact } from './sealed-facts.ts';

/**
 * SealedSecrets that replace each other. The same namespace and name in several directories are usual, one
 * for each cluster, so there must be evidence: the cluster of the settings, or else the same
 * directory or the same sealing key in the notes.
 */
export function judgeDuplicates(facts: readonly SealedFact[]): PlacedFinding[] {
  const byName = Map.groupBy(
    facts.filter(({ name }) => name !== ''),
    ({ namespace, name }) => JSON.stringify([namespace, name]),
  );
  return [...byName.values()].flatMap((same) =>
    same.flatMap((fact, at) => {
      const before = same.slice(0, at).find((other) => isSameCluster(fact, other));
      return before
        ? [objectFinding('duplicate-object', fact, `is in ${before.label} too`, before.file)]
        : [];
    }),
  );
}

function isSameCluster(a: SealedFact, b: SealedFact): boolean {
  if (a.cluster !== undefined && b.cluster !== undefined) return a.cluster === b.cluster;
  if (dirname(a.file) === dirname(b.file)) return true;
  const keys = new Set(a.items.map(({ fingerprint }) => fingerprint));
  return b.items.some(({ fingerprint }) => fingerprint !== undefined && keys.has(fingerprint));
}
