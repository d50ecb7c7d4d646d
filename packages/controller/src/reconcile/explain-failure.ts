import {
  diagnose,
  isKeyId,
  type KeyRing,
  otherScopeOf,
  printable,
  type Scope,
  type SealedSecret,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { isAboutValues } from './status/failures.ts';

/** How many reasons a condition names. */
const MAX_REASONS = 3;

/** What is known of keys that are not in the ring, by fingerprint. */
export type RemovedKeyWords = Pick<ReadonlyMap<string, string>, 'get'>;

/** What is known of the keys of an object, beside the object and the ring. */
interface KnownOfKeys {
  readonly removed?: RemovedKeyWords | undefined;
  /** Fingerprint of the key that opened each item of this very version of the object. */
  readonly lastKeys?: ReadonlyMap<string, string> | undefined;
}

/**
 * Adds to a failed opening what there is evidence for, as the hint of the error. It looks at this object
 * only: at its template, its values and its sealing note, and tries one closed item under the other scopes of
 * this very object, with 16 private-key operations at most. The author of the object could do the same by
 * changing its annotations, so the answer tells nothing new (docs/security.md).
 */
export async function explainFailure(
  error: unknown,
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  { removed = new Map<string, string>(), lastKeys = new Map<string, string>() }: KnownOfKeys = {},
): Promise<unknown> {
  if (!(error instanceof SealedSecretsError) || !isAboutValues(error)) return error;
  const failing = new Set(error.items.map(({ item }) => item));
  const closed = error.items.find(({ code }) => code === 'ERR_NO_KEY_OPENS_VALUE')?.item;
  const scope = closed === undefined ? undefined : await scopeOrNothing(sealedSecret, closed, keyRing);
  const reasons = diagnose(sealedSecret, {
    keys: { fingerprints: new Set(keyRing.keys.map(({ id }) => id)), bits: new Set() },
    names: removed,
    lastKeys: new Map([...lastKeys].filter(([, id]) => isKeyId(id))), // a status may hold anything
    scopes: new Map(closed === undefined || scope === undefined ? [] : [[closed, scope]]),
    opened: new Set(Object.keys(sealedSecret.spec.encryptedData).filter((item) => !failing.has(item))),
  });
  const told = reasons.slice(0, MAX_REASONS).map(({ item, message }) => {
    return item === undefined ? message : `${printable(item)}: ${message}`;
  });
  return told.length === 0 ? error : error.withHint(told.join('; '));
}

/** A fault of a key must not hide what the object failed with. */
async function scopeOrNothing(
  sealedSecret: SealedSecret,
  item: string,
  keyRing: KeyRing,
): Promise<Scope | undefined> {
  return otherScopeOf(sealedSecret, item, keyRing).catch(() => undefined);
}
