import {
  type Diagnosis,
  diagnose,
  otherScopeOf,
  printable,
  type Scope,
  type SealedSecret,
  scopeOf,
  sealingNoteOf,
} from '@fuin/crypto-core';
import type { SealedInput } from '../input/sealed-secrets.ts';
import { looksOf } from './check-value.ts';
import type { GivenKeys } from './given-keys.ts';
import type { LiveEvidence } from './live.ts';
import { openerOf } from './sealing-key.ts';

/** Why a SealedSecret does not open, as far as there is evidence. */
export interface Explanation {
  readonly file: string;
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly scope: Scope;
  /** Fingerprint of the given key that opens each item. */
  readonly opened: ReadonlyMap<string, string>;
  readonly reasons: readonly Diagnosis[];
  /** What else is known, such as what the cluster says. */
  readonly remarks: readonly string[];
}

/** What is known beside the object. */
export interface ExplainEvidence {
  readonly file: string;
  readonly keys: GivenKeys;
  /** What the cluster says, if it was asked. */
  readonly live: LiveEvidence | undefined;
}

/** Explains one SealedSecret. Plaintext is dropped at once. */
export async function explainObject(
  { sealedSecret, label }: SealedInput,
  { file, keys: given, live }: ExplainEvidence,
): Promise<Explanation> {
  const { ring, bits, names, retired } = given;
  const { metadata, spec } = sealedSecret;
  const opened = new Map<string, string>();
  const scopes = new Map<string, Scope>();
  const sealed = Object.keys(spec.encryptedData).filter(
    (item) => ring.keys.length > 0 && looksOf(spec.encryptedData[item]) === 'sealed',
  );
  for (const item of sealed) {
    const key = await openerOf({ item, sealed: spec.encryptedData[item] ?? '' }, sealedSecret, ring);
    if (key !== undefined) opened.set(item, key);
    else {
      const scope = await otherScopeOf(sealedSecret, item, ring);
      if (scope !== undefined) scopes.set(item, scope);
    }
  }
  const keys = { fingerprints: new Set(ring.keys.map(({ id }) => id)), bits };
  const reasons = diagnose(sealedSecret, {
    ...(ring.keys.length > 0 ? { keys } : {}),
    names,
    scopes,
    opened: new Set(opened.keys()),
  });
  return {
    file,
    label,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    scope: scopeOf(metadata.annotations),
    opened,
    reasons,
    remarks: [
      ...(ring.keys.length > 0 ? [] : notesOf(sealedSecret, names)),
      ...[...new Set(opened.values())].flatMap((key) => retiredOf(key, retired.get(key))),
      ...(live?.says ?? []),
      ...keysOf(live),
    ],
  };
}

/** Without keys, the note is reported as it is. */
function notesOf(sealedSecret: SealedSecret, names: ReadonlyMap<string, string>): string[] {
  return byKey(sealingNoteOf(sealedSecret)).map(
    ([key, items]) => `its note says that key ${key}${nameOf(names.get(key))} sealed ${items}`,
  );
}

function retiredOf(key: string, at: Date | undefined): string[] {
  return at ? [`key ${key} was retired on ${at.toISOString().slice(0, 10)} by kubeseal keys retire`] : [];
}

function keysOf(live: LiveEvidence | undefined): string[] {
  return byKey(live?.keys ?? new Map<string, string>()).map(
    ([key, items]) => `the controller opened ${items} with key ${key}`,
  );
}

function nameOf(known: string | undefined): string {
  return known === undefined ? '' : ` (${known})`;
}

function byKey(keys: ReadonlyMap<string, string>): [string, string][] {
  const groups = Map.groupBy(keys, ([, fingerprint]) => fingerprint);
  return [...groups].map(([key, items]) => [key, items.map(([item]) => printable(item)).join(', ')]);
}
