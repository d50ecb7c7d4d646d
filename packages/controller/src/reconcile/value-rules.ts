import type { ValueFacts } from '@fuin/crypto-core';
import { type ItemFailure, itemsError, MAX_LISTED_ITEMS, printable, valueFactsOf } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import type { MinFormat } from '../config/flag-values.ts';

/** What values must fulfil beside opening. */
export interface ValueRules {
  /** The oldest format of values that is accepted, and where; undefined for every format. */
  readonly minFormat?: MinFormat | undefined;
  /** Whether a value past its expiry is reported, or refused. */
  readonly expiryPolicy?: 'warn' | 'refuse';
}

/** Values of format v2 begin with 00 00 02; line ends count for nothing in base64. */
const BEGINS_LIKE_V2 = /^[\r\n]*A[\r\n]*A[\r\n]*A[\r\n]*C/;

/**
 * Refuses an object before it is opened: what decides is public, and proven when the values open. Costs
 * nothing for an object without values of format v2 where every format is accepted.
 *
 * @throws ERR_FORMAT_FORBIDDEN, ERR_VALUE_EXPIRED naming the items
 */
export function refuseByRules(
  object: KubeObject,
  { minFormat, expiryPolicy = 'warn' }: ValueRules,
  now: Date,
): void {
  if (minFormat && isWhere(object, minFormat)) refuseOldFormats(object);
  const expired = expiryPolicy === 'refuse' ? expiredItems(object, now) : [];
  if (expired.length === 0) return;
  throw itemsError(
    expired.map((item) => ({
      item,
      code: 'ERR_VALUE_EXPIRED',
      message: 'the value is past its expiry, and --expiry-policy=refuse',
    })),
  );
}

function isWhere({ metadata }: KubeObject, { namespaces }: MinFormat): boolean {
  return namespaces === undefined || namespaces.has(metadata.namespace ?? '');
}

/** A value that cannot be read is left to the opening, which says why. */
function refuseOldFormats(object: KubeObject): void {
  const failures = valuesOf(object).flatMap(([item, text]): ItemFailure[] => {
    const isOld = factsOrNothing(text)?.format === 'v1';
    const message = 'the value has format v1, and --min-format asks for v2 here: seal it again';
    return isOld ? [{ item, code: 'ERR_FORMAT_FORBIDDEN', message }] : [];
  });
  if (failures.length > 0) throw itemsError(failures);
}

/** The items whose values are past their expiry. */
export function expiredItems(object: KubeObject, now: Date): string[] {
  return [...expiriesOf(object)].filter(([, expiresAt]) => expiresAt <= now).map(([item]) => item);
}

/** When the values of an object expire, by item. The object may be anything. */
export function expiriesOf(object: KubeObject): ReadonlyMap<string, Date> {
  const expiries = new Map<string, Date>();
  for (const [item, text] of valuesOf(object)) {
    const expiresAt = BEGINS_LIKE_V2.test(text) ? factsOrNothing(text)?.expiresAt : undefined;
    if (expiresAt) expiries.set(item, expiresAt);
  }
  return expiries;
}

/** Items as a message names them; empty for none. */
export function listOfItems(items: readonly string[]): string {
  const shown = items.slice(0, MAX_LISTED_ITEMS).map(printable).sort().join(', ');
  const others = items.length - MAX_LISTED_ITEMS;
  return others > 0 ? `${shown} and ${others} others` : shown;
}

/** Legacy data is one value. */
function valuesOf(object: KubeObject): (readonly [string, string])[] {
  const { encryptedData, data } = recordOf(object['spec']);
  const all = [...Object.entries(recordOf(encryptedData)), ['data of the spec', data] as const];
  return all.flatMap(([item, text]) => (typeof text === 'string' ? [[item, text] as const] : []));
}

function factsOrNothing(text: string): ValueFacts | undefined {
  try {
    return valueFactsOf(text);
  } catch {
    return undefined;
  }
}
