import { type Bytes, decodeBase64 } from './bytes.ts';
import { type Envelope, parseEnvelope } from './envelope.ts';
import { type ItemFailure, itemsError, SealedSecretsError } from './errors.ts';
import { type OpenedValue, openEnvelope } from './hybrid.ts';
import type { KeyRing } from './key-ring.ts';
import { mapConcurrently } from './map-concurrently.ts';
import type { SealedSecret } from './resource.ts';
import { encryptionLabel, scopeOf } from './scope.ts';

/** The opened items and, for each, the fingerprint of the key that opened it. */
export interface OpenedItems {
  readonly values: ReadonlyMap<string, Bytes>;
  readonly openedBy: ReadonlyMap<string, string>;
}

type Outcome = OpenedValue | SealedSecretsError;

/** How much work an object may cause. */
export interface OpenOptions {
  /** Fingerprints of keys that likely fit. */
  readonly hints?: readonly string[];
  /** Items worked on at once; 16: a huge object must not hold up the others. */
  readonly itemsAtOnce?: number;
  /** For who asks only whether all items open: one that does not ends it, and the others are reported as not tried. */
  readonly stopsAtFailure?: boolean;
}

const ITEMS_AT_ONCE = 16;
/**
 * RSA operations that items which stay closed may cost: an object of thousands of them, times many keys, would keep all
 * cores busy for minutes. What opens does not count, so no honest object is kept from it.
 */
const MAX_FAILED_TRIALS = 1_000;

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
  { hints = [], itemsAtOnce = ITEMS_AT_ONCE, stopsAtFailure = false }: OpenOptions = {},
): Promise<OpenedItems> {
  if (spec.data !== undefined) throw legacyDataError(spec.encryptedData);
  const label = encryptionLabel(scopeOf(metadata.annotations), metadata.namespace ?? '', metadata.name ?? '');
  const entries = Object.entries(spec.encryptedData).map(([item, text]) => [item, envelopeOf(text)] as const);
  const isDoomed = stopsAtFailure && entries.some(([, envelope]) => envelope instanceof SealedSecretsError);
  const maxFailedTrials = stopsAtFailure ? 1 : MAX_FAILED_TRIALS;
  let failedTrials = isDoomed ? maxFailedTrials : 0;
  const open = async (
    envelope: Envelope | SealedSecretsError,
    likely: readonly string[],
  ): Promise<Outcome> => {
    if (envelope instanceof SealedSecretsError) return envelope;
    if (failedTrials >= maxFailedTrials) return notTried();
    try {
      return await openEnvelope(envelope, keyRing, label, likely);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      failedTrials += Math.max(1, keyRing.candidates(envelope).length);
      return error;
    }
  };
  const [first, ...rest] = entries;
  if (!first) return gather([]);
  // the first item finds the key; its siblings then start with it, many at once, whatever other objects find meanwhile
  const found = await open(first[1], hints);
  const likely = found instanceof SealedSecretsError ? hints : [found.fingerprint, ...hints];
  const others = await mapConcurrently(rest, itemsAtOnce, ([, envelope]) => open(envelope, likely));
  return gather(entries.map(([item], index) => [item, index === 0 ? found : others[index - 1]]));
}

function envelopeOf(text: string): Envelope | SealedSecretsError {
  try {
    return parseEnvelope(decodeBase64(text));
  } catch (error) {
    if (error instanceof SealedSecretsError) return error;
    throw error;
  }
}

/** A key that is added may open it, as it may what was tried. */
function notTried(): SealedSecretsError {
  return new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'not tried, since others could not be decrypted');
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

function gather(outcomes: readonly (readonly [string, Outcome | undefined])[]): OpenedItems {
  const values = new Map<string, Bytes>();
  const openedBy = new Map<string, string>();
  const failures: ItemFailure[] = [];
  for (const [item, outcome] of outcomes) {
    if (outcome === undefined) continue;
    if (outcome instanceof SealedSecretsError) {
      failures.push({ item, code: outcome.code, message: outcome.message });
      continue;
    }
    values.set(item, outcome.plaintext);
    openedBy.set(item, outcome.fingerprint);
  }
  if (failures.length > 0) throw itemsError(failures);
  return { values, openedBy };
}
