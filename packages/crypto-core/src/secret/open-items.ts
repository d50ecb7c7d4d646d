import { type Bytes, decodeBase64 } from '../bytes.ts';
import { type ItemFailure, itemsError, MAX_LISTED_ITEMS, SealedSecretsError } from '../errors.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { type Envelope, parseEnvelope } from '../value/format-table.ts';
import type { KeyRing } from '../value/key-ring.ts';
import { type OpenedValue, openEnvelope } from '../value/open-value.ts';
import { factsOf, type ValueFacts } from '../value/value-facts.ts';
import type { SealedSecret } from './resource.ts';
import { encryptionLabel, scopeOf } from './scope.ts';

/** The opened items and, for each, the id of the key that opened it and what is public about its value. */
export interface OpenedItems {
  readonly values: ReadonlyMap<string, Bytes>;
  readonly openedBy: ReadonlyMap<string, string>;
  /** Now they are true: a value opens only under the facts that it was sealed with. */
  readonly facts: ReadonlyMap<string, ValueFacts>;
}

type Failure = Pick<ItemFailure, 'code' | 'message'>;
type Outcome = OpenedValue | Failure | 'not tried';

/** How much work an object may cause. */
export interface OpenOptions {
  /** Ids of keys that likely fit. */
  readonly hints?: readonly string[];
  /** Items that are opened at once, 8 by default: a huge object must not hold up the others. */
  readonly itemsAtOnce?: number;
  /**
   * Stop at the first item that cannot be opened; report the rest as not tried. For callers that only need a
   * yes or no.
   */
  readonly stopsAtFailure?: boolean;
  /** How many wrong keys may be tried, over all items, before the rest stays closed; no limit by default. */
  readonly maxMisses?: number;
}

const TOO_MANY_MISSES: Failure = {
  code: 'ERR_NO_KEY_OPENS_VALUE',
  message: 'not tried: the other items needed too many different keys',
};
const ITEMS_AT_ONCE = 8;
/**
 * How many items may fail before the others are no longer tried: a few failures say as much as thousands, and
 * thousands of items times many keys would keep all cores busy. Items that open do not count, so no honest
 * object is affected.
 */
const MAX_CLOSED_ITEMS = 10;

/**
 * Opens every item of a SealedSecret and renders no template, as verify does. The scope comes from the
 * annotations of the object itself, and is proven by the label that opens the values.
 *
 * @throws ERR_MANIFEST_INVALID for the legacy `spec.data`, which unsealSecret alone can open
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE with all failing items together; whatever a key
 *   rejects with
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, openItems, parseSecret, sealSecret } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = await sealSecret(parseSecret({ metadata, stringData: { password: 'hunter2' } }), pair);
 *
 * const { values, openedBy } = await openItems(sealed, KeyRing.of(pair));
 * console.log(new TextDecoder().decode(values.get('password'))); // hunter2
 * console.log(openedBy.get('password') === pair.id); // true
 * ```
 */
export async function openItems(
  { metadata, spec }: SealedSecret,
  keyRing: KeyRing,
  {
    hints = [],
    itemsAtOnce = ITEMS_AT_ONCE,
    stopsAtFailure = false,
    maxMisses = Number.POSITIVE_INFINITY,
  }: OpenOptions = {},
): Promise<OpenedItems> {
  if (spec.data !== undefined) throw legacyDataError(spec.encryptedData);
  const label = encryptionLabel(scopeOf(metadata.annotations), metadata.namespace ?? '', metadata.name ?? '');
  const { envelopes, malformed } = takeApart(spec.encryptedData, stopsAtFailure ? 1 : MAX_LISTED_ITEMS);
  const maxClosed = stopsAtFailure ? 1 : MAX_CLOSED_ITEMS;
  let closed = 0;
  let misses = 0;
  const found = new Set<string>();
  const open = async ([item, envelope]: readonly [string, Envelope]): Promise<Outcome> => {
    if (closed >= maxClosed) return 'not tried';
    if (misses >= maxMisses) return TOO_MANY_MISSES;
    try {
      const opened = await openEnvelope(envelope, keyRing, { label, item }, [...found, ...hints]);
      found.add(opened.keyId);
      misses += opened.misses;
      return opened;
    } catch (error) {
      if (!isClosed(error)) throw error;
      closed += 1;
      return { code: error.code, message: error.message };
    }
  };
  const attempt = async (entry: readonly [string, Envelope]) => [entry[0], await open(entry)] as const;
  const [first, ...rest] = envelopes;
  // the first item finds the key; the others start with it, whatever other objects find meanwhile
  const outcomes = first ? [await attempt(first)] : [];
  outcomes.push(...(await mapConcurrently(rest, itemsAtOnce, attempt)));
  const facts = new Map(envelopes.map(([item, envelope]) => [item, factsOf(envelope)]));
  return { ...gather(outcomes, malformed), facts };
}

/**
 * Takes the values of all items apart, until `maxMalformed` are malformed: the object stays closed whatever
 * the others hold, and a message names no more.
 *
 * @throws ERR_ENVELOPE_MALFORMED when there are `maxMalformed`
 */
function takeApart(encryptedData: Readonly<Record<string, string>>, maxMalformed: number) {
  const envelopes: (readonly [string, Envelope])[] = [];
  const malformed: ItemFailure[] = [];
  const items = Object.keys(encryptedData);
  for (const item of items) {
    try {
      envelopes.push([item, parseEnvelope(decodeBase64(encryptedData[item] ?? ''))]);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      malformed.push({ item, code: error.code, message: error.message });
      const untried = items.length - malformed.length;
      if (malformed.length === maxMalformed) throw itemsError(malformed, untried);
    }
  }
  return { envelopes, malformed };
}

/** Whether no key opens a value; everything else is a fault of a key, which says nothing about the value. */
function isClosed(error: unknown): error is SealedSecretsError {
  return error instanceof SealedSecretsError && error.code === 'ERR_NO_KEY_OPENS_VALUE';
}

function isOpened(outcome: OpenedValue | Failure): outcome is OpenedValue {
  return 'keyId' in outcome;
}

/** Why the legacy `spec.data` is refused, in upstream's words. */
export function legacyDataError(encryptedData: Readonly<Record<string, string>>): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    Object.keys(encryptedData).length > 0
      ? "cannot use the field 'encryptedData' and the deprecated field 'data' at the same time"
      : "using deprecated 'data' field, use 'encryptedData' or flip the feature flag",
  );
}

function gather(
  outcomes: readonly (readonly [string, Outcome])[],
  malformed: readonly ItemFailure[],
): Omit<OpenedItems, 'facts'> {
  const values = new Map<string, Bytes>();
  const openedBy = new Map<string, string>();
  const failures = [...malformed];
  let untried = 0;
  for (const [item, outcome] of outcomes) {
    if (outcome === 'not tried') untried += 1;
    else if (isOpened(outcome)) {
      values.set(item, outcome.plaintext);
      openedBy.set(item, outcome.keyId);
    } else failures.push({ item, code: outcome.code, message: outcome.message });
  }
  if (failures.length > 0) throw itemsError(failures, untried);
  return { values, openedBy };
}
