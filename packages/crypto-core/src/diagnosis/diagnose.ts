import { printable } from '../errors.ts';
import type { ObjectMeta, SealedSecret } from '../secret/resource.ts';
import { type Scope, scopeOf } from '../secret/scope.ts';
import { looksSealed, sealedSizes } from '../value/format-table.ts';
import { valueFactsOf } from '../value/value-facts.ts';
import { sealingNoteOf } from './sealing-note.ts';

/** A reason why a SealedSecret may not open, as far as there is evidence. */
export interface Diagnosis {
  readonly cause:
    | 'not-sealed'
    | 'cut'
    | 'wrapped'
    | 'other-scope'
    | 'other-key'
    | 'key-size'
    | 'template-namespace'
    | 'template-name'
    | 'template-scope';
  /** The item that it is about; undefined if it is about all of them. */
  readonly item?: string;
  /** A clause about the item or the object, such as `it was cut`. It never holds a value. */
  readonly message: string;
}

/** What is known beside the object itself. Without it, only what the object shows is said. */
export interface DiagnosisEvidence {
  /** The keys that were tried; undefined if none were. */
  readonly keys?: { readonly fingerprints: ReadonlySet<string>; readonly bits: ReadonlySet<number> };
  /** What is known of other keys by fingerprint, such as `the key of clusters/b/cert.pem`. */
  readonly names?: Pick<ReadonlyMap<string, string>, 'get'>;
  /** Fingerprint of the key that opened an item the last time, by item, where its value is the same. */
  readonly lastKeys?: ReadonlyMap<string, string>;
  /** The scope under which an item opens, by item, where it is not that of the object. */
  readonly scopes?: ReadonlyMap<string, Scope>;
  /** Items that open. They are not diagnosed. */
  readonly opened?: ReadonlySet<string>;
}

/**
 * What is wrong with a value that does not look sealed; undefined if it does.
 *
 * @example
 * ```js
 * import { valueFault } from '@fuin/crypto-core';
 *
 * console.log(valueFault('hunter2')); // not-sealed
 * ```
 */
export function valueFault(value: string): 'not-sealed' | 'cut' | 'wrapped' | undefined {
  const looks = looksSealed(value);
  if (looks === 'sealed') return undefined;
  if (looks === 'no') return 'not-sealed';
  return looksSealed(value.replace(/\s/g, '')) === 'sealed' ? 'wrapped' : 'cut';
}

const FAULTS = {
  'not-sealed': 'it is not sealed: it is not the base64 of a sealed value',
  cut: 'it was cut or changed: its end is missing',
  wrapped: 'it was wrapped into several lines: remove the spaces in it',
} as const;

/**
 * Says why a SealedSecret may not open. A failed decryption does not tell the causes apart; other evidence
 * does.
 *
 * @returns what there is evidence for, the most certain first; nothing where there is none
 * @example
 * ```js
 * import { diagnose, parseSealedSecret } from '@fuin/crypto-core';
 *
 * const sealed = parseSealedSecret({
 *   apiVersion: 'bitnami.com/v1alpha1',
 *   kind: 'SealedSecret',
 *   metadata: { namespace: 'shop', name: 'db' },
 *   spec: { encryptedData: { password: 'hunter2' } },
 * });
 * console.log(diagnose(sealed)[0].cause); // not-sealed
 * ```
 */
export function diagnose(sealedSecret: SealedSecret, evidence: DiagnosisEvidence = {}): Diagnosis[] {
  const noted = sealingNoteOf(sealedSecret);
  const items = Object.entries(sealedSecret.spec.encryptedData).filter(
    ([item]) => !evidence.opened?.has(item),
  );
  const ofItems = items.flatMap(([item, value]) => {
    const found = ofItem(value, { item, noted: noted.get(item), evidence });
    return found ? [{ ...found, item }] : [];
  });
  return items.length === 0 ? [] : [...ofItems, ...contradictions(sealedSecret)];
}

interface ItemEvidence {
  readonly item: string;
  /** The fingerprint that the sealing note has. */
  readonly noted: string | undefined;
  readonly evidence: DiagnosisEvidence;
}

function ofItem(
  value: string,
  { item, noted, evidence: { keys, names, scopes, lastKeys } }: ItemEvidence,
): Omit<Diagnosis, 'item'> | undefined {
  const fault = valueFault(value);
  if (fault) return { cause: fault, message: FAULTS[fault] };
  const scope = scopes?.get(item);
  if (scope)
    return { cause: 'other-scope', message: `it opens as ${scope}: its annotations say something else` };
  if (!keys) return undefined;
  const whose = (id: string) => {
    const known = names?.get(id);
    return known === undefined ? id : `${id} (${known})`;
  };
  const { recipients } = valueFactsOf(value);
  if (recipients.length > 0) {
    if (recipients.some((id) => keys.fingerprints.has(id))) return undefined;
    const message = `it is sealed for key ${recipients.map(whose).join(', ')}, and no such key was tried`;
    return { cause: 'other-key', message };
  }
  const key = noted ?? lastKeys?.get(item);
  if (key !== undefined && !keys.fingerprints.has(key)) {
    const says = noted === undefined ? 'it was last opened with' : 'its note says that it was sealed with';
    const message = `${says} key ${whose(key)}, which is not among the keys that were tried`;
    return { cause: 'other-key', message };
  }
  const bits = sealedSizes(value)?.keyBits;
  if (bits === undefined || keys.bits.size === 0 || keys.bits.has(bits)) return undefined;
  return {
    cause: 'key-size',
    message: `it was sealed with a key of ${bits} bits, and no key that was tried has that size`,
  };
}

/**
 * Where the template of a SealedSecret contradicts the object. kubeseal copies the place that it seals for
 * into the template, so a difference means that something was changed later.
 *
 * @example
 * ```js
 * import { contradictions } from '@fuin/crypto-core';
 *
 * const metadata = { namespace: 'shop', name: 'db2' };
 * const template = { metadata: { namespace: 'shop', name: 'db' } };
 * console.log(contradictions({ metadata, spec: { template } })[0].cause); // template-name
 * ```
 */
export function contradictions({
  metadata,
  spec: { template },
}: {
  readonly metadata: ObjectMeta;
  readonly spec: Pick<SealedSecret['spec'], 'template'>;
}): Diagnosis[] {
  const sealedFor = template?.metadata ?? {};
  const scope = scopeOf(metadata.annotations);
  const bound = (['namespace', 'name'] as const).slice(
    0,
    { strict: 2, 'namespace-wide': 1, 'cluster-wide': 0 }[scope],
  );
  const places = bound
    .filter((field) => sealedFor[field] !== undefined && sealedFor[field] !== (metadata[field] ?? ''))
    .map((field): Diagnosis => {
      const message = `its template has the ${field} ${printable(sealedFor[field] ?? '')}: a value that was sealed for that does not open here`;
      return { cause: `template-${field}`, message };
    });
  const templateScope = scopeOf(sealedFor.annotations);
  if (templateScope === 'strict' || templateScope === scope) return places;
  const message = `its template says ${templateScope}, but its own annotations, which count, say ${scope}`;
  return [...places, { cause: 'template-scope', message }];
}
