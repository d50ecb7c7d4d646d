import { type Bytes, decodeBase64 } from '../bytes.ts';
import { type ItemFailure, itemsError, MAX_LISTED_ITEMS, SealedSecretsError } from '../errors.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import { type Envelope, parseEnvelope } from '../value/envelope.ts';
import { type OpenedValue, openEnvelope } from '../value/hybrid.ts';
import type { KeyRing } from '../value/key-ring.ts';
import type { SealedSecret } from './resource.ts';
import { encryptionLabel, scopeOf } from './scope.ts';

/** The opened items and, for each, the fingerprint of the key that opened it. */
export interface OpenedItems {
  readonly values: ReadonlyMap<string, Bytes>;
  readonly openedBy: ReadonlyMap<string, string>;
}

type Failure = Pick<ItemFailure, 'code' | 'message'>;
type Outcome = OpenedValue | Failure | 'not tried';

/** How much work an object may cause. */
export interface OpenOptions {
  /** Fingerprints of keys that likely fit. */
  readonly hints?: readonly string[];
  /** Items worked on at once; 8: a huge object must not hold up the others. */
  readonly itemsAtOnce?: number;
  /** For who asks only whether all items open: one that does not ends it. */
  readonly stopsAtFailure?: boolean;
  /** Trials of wrong keys, over all items that open, after which the others stay closed; no limit by default. */
  readonly maxMisses?: number;
}

const TOO_MANY_MISSES: Failure = {
  code: 'ERR_NO_KEY_OPENS_VALUE',
  message: 'not tried: the other items needed too many different keys',
};
const ITEMS_AT_ONCE = 8;
/**
 * Items that may stay closed before the others are left alone: a few tell as much as thousands, which, times many keys,
 * would keep all cores busy. What opens does not count, so no honest object is kept from it.
 */
const MAX_CLOSED_ITEMS = 10;

/**
 * Opens every item of a SealedSecret and renders no template: all that verify may do. The scope comes from the
 * object's own annotations and is proven by the label that opens the values.
 *
 * @throws ERR_MANIFEST_INVALID for the legacy `spec.data`, which unsealSecret alone can open
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE with all failing items together
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
  const open = async (envelope: Envelope): Promise<Outcome> => {
    if (closed >= maxClosed) return 'not tried';
    if (misses >= maxMisses) return TOO_MANY_MISSES;
    try {
      const opened = await openEnvelope(envelope, keyRing, label, [...found, ...hints]);
      found.add(opened.fingerprint);
      misses += opened.misses;
      return opened;
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      closed += 1;
      return { code: error.code, message: error.message };
    }
  };
  const [first, ...rest] = envelopes;
  if (!first) return gather([], malformed);
  // the first item finds the key; its siblings then start with it, many at once, whatever other objects find meanwhile
  const outcomes = [await open(first[1])];
  outcomes.push(...(await mapConcurrently(rest, itemsAtOnce, ([, envelope]) => open(envelope))));
  return gather(
    envelopes.map(([item], index) => [item, outcomes[index]]),
    malformed,
  );
}

/**
 * Takes the values of all items apart. So many malformed ones end it: the object stays closed whatever the others hold,
 * and a message names no more.
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

function isOpened(outcome: Outcome): outcome is OpenedValue {
  return typeof outcome === 'object' && 'fingerprint' in outcome;
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
  outcomes: readonly (readonly [string, Outcome | undefined])[],
  malformed: readonly ItemFailure[],
): OpenedItems {
  const values = new Map<string, Bytes>();
  const openedBy = new Map<string, string>();
  const failures = [...malformed];
  let untried = 0;
  for (const [item, outcome] of outcomes) {
    if (outcome === undefined) continue;
    if (outcome === 'not tried') untried += 1;
    else if (isOpened(outcome)) {
      values.set(item, outcome.plaintext);
      openedBy.set(item, outcome.fingerprint);
    } else failures.push({ item, code: outcome.code, message: outcome.message });
  }
  if (failures.length > 0) throw itemsError(failures, untried);
  return { values, openedBy };
}
