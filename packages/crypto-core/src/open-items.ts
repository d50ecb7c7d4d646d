import { type Bytes, decodeBase64 } from './bytes.ts';
import { parseEnvelope } from './envelope.ts';
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

/** Operations that one object may have under way at once: a huge one must not hold up the others. */
const ITEMS_AT_ONCE = 16;
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
  hints: readonly string[] = [],
): Promise<OpenedItems> {
  if (spec.data !== undefined) throw legacyDataError(spec.encryptedData);
  const label = encryptionLabel(scopeOf(metadata.annotations), metadata.namespace ?? '', metadata.name ?? '');
  const open = async (text: string, likely: readonly string[]): Promise<OpenedValue | SealedSecretsError> => {
    try {
      return await openEnvelope(parseEnvelope(decodeBase64(text)), keyRing, label, likely);
    } catch (error) {
      if (error instanceof SealedSecretsError) return error;
      throw error;
    }
  };
  const entries = Object.entries(spec.encryptedData);
  const [first, ...rest] = entries;
  if (!first) return gather([]);
  // the first item finds the key; its siblings then start with it, many at once, whatever other objects find meanwhile
  const found = await open(first[1], hints);
  const likely = found instanceof SealedSecretsError ? hints : [found.fingerprint, ...hints];
  const others = await mapConcurrently(rest, ITEMS_AT_ONCE, ([, text]) => open(text, likely));
  return gather(entries.map(([item], index) => [item, index === 0 ? found : others[index - 1]]));
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
  outcomes: readonly (readonly [string, OpenedValue | SealedSecretsError | undefined])[],
): OpenedItems {
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
