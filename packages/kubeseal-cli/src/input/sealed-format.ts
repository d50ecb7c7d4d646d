import {
  KEY_TYPES,
  type SealedSecret,
  SealedSecretsError,
  type ValueFacts,
  type ValueFormat,
  valueFactsOf,
} from '@fuin/crypto-core';
import { usageError } from '../invocation/usage-error.ts';
import type { Warn } from '../invocation/warnings.ts';

/**
 * The format that a new value of a SealedSecret gets where nobody says it: v2 where an item of it has that,
 * so that no item loses protection by being changed.
 */
export function presentFormat({ spec }: Pick<SealedSecret, 'spec'>): ValueFormat {
  return Object.values(spec.encryptedData).some((value) => factsOfValue(value).format === 'v2') ? 'v2' : 'v1';
}

const TYPES_OF_V2: readonly unknown[] = [KEY_TYPES.xWing, KEY_TYPES.split, KEY_TYPES.held];

/** Whether a Secret of this type holds a key of format v2, or the part of one that is in the cluster. */
export function isTypeOfV2(type: unknown): boolean {
  return TYPES_OF_V2.includes(type);
}

/** The format of the values that a key opens, by its id. */
export function formatOfKey(id: string): ValueFormat {
  return id.startsWith('v2:') ? 'v2' : 'v1';
}

/** What a value tells without a key; nothing of what is none. */
export function factsOfValue(value: string): ValueFacts {
  try {
    return valueFactsOf(value);
  } catch (error) {
    if (error instanceof SealedSecretsError) return NO_FACTS;
    throw error;
  }
}

const NO_FACTS: ValueFacts = { format: 'v1', recipients: [], bindsItem: false, expiresAt: undefined };

/**
 * Warns where a new value has less than the one that it replaces: another format, fewer keys, or terms that
 * somebody gave it and that nobody repeats.
 *
 * @param what it is, for the message
 */
export function adviseOnLoss(before: string, after: string, what: string, warn: Warn): void {
  for (const loss of lossesOf(factsOfValue(before), factsOfValue(after))) warn(`warning: ${what} ${loss}`);
}

/**
 * Refuses a new value of format v1 in the place of one of v2.
 *
 * @param what it is, for the message
 * @throws ERR_USAGE
 */
export function refuseDowngrade(old: ValueFacts, fresh: ValueFormat | undefined, what: string): void {
  if (old.format !== 'v2' || fresh !== 'v1') return;
  throw usageError(
    `${what} is of format v2, and must not become a value of format v1`,
    'give --format-version 2, or --format-version 1 to give its protection up',
  );
}

function* lossesOf(old: ValueFacts, fresh: ValueFacts): Generator<string> {
  if (old.format !== 'v2') return;
  if (fresh.format === 'v1') {
    yield 'was of format v2, and is of v1 now: a quantum computer of later years can open it';
    return;
  }
  const [was, is] = [old.recipients.length, fresh.recipients.length];
  if (is < was) yield `was sealed for ${was} keys, and is for ${is} now: name all with --recipient`;
  if (old.expiresAt && !fresh.expiresAt) yield 'had an expiry, and has none now: --expires sets one';
  if (old.bindsItem && !fresh.bindsItem) yield 'was bound to its item, and is not now: --bind-item binds it';
}
