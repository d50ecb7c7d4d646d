import { type ItemFailure, itemsError } from '../errors.ts';
import type { ValueFormat } from '../value/format-table.ts';
import type { Recipient } from '../value/key.ts';
import type { KeyRing } from '../value/key-ring.ts';
import type { ValueFacts } from '../value/value-facts.ts';
import { type OpenOptions, openItems } from './open-items.ts';
import type { SealedSecret } from './resource.ts';
import { scopeOf } from './scope.ts';
import { type ItemSealing, type SealTarget, sealItems } from './seal-items.ts';

/** For whom values are sealed again: the same for all, or one for the values of each format. */
export type NewRecipient = Recipient | Readonly<Partial<Record<ValueFormat, Recipient>>>;

/** How values are sealed again. */
export interface ResealOptions extends OpenOptions {
  /**
   * Values of format v2 may become values of v1, which lose expiry and binding to the item, and can be opened
   * by a quantum computer of later years.
   */
  readonly allowDowngrade?: boolean;
  /** A value for several keys may become one for fewer. */
  readonly allowFewerKeys?: boolean;
}

/**
 * Seals every item again, for `recipient`, under the very label that opened it, as rotate does. An item keeps
 * what it was sealed with: expiry, and whether it is bound to its name. The template is kept as it is and
 * never rendered; its annotations do not affect the scope (CVE-2026-22728).
 *
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE with all failing items together
 * @throws ERR_USAGE where a value would lose protection or keys that the options do not give up
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, openItems, parseSecret } from '@fuin/crypto-core';
 * import { resealSecret, sealSecret } from '@fuin/crypto-core';
 *
 * const [older, newer] = [await generateKeyPair(2048), await generateKeyPair(2048)];
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = await sealSecret(parseSecret({ metadata, stringData: { password: 'hunter2' } }), older);
 *
 * const resealed = await resealSecret(sealed, KeyRing.of(newer, older), newer);
 * const { openedBy } = await openItems(resealed, KeyRing.of(newer, older));
 * console.log(openedBy.get('password') === newer.id); // true
 * ```
 */
export async function resealSecret(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  recipient: NewRecipient,
  options: ResealOptions = {},
): Promise<SealedSecret> {
  const { values, facts } = await openItems(sealedSecret, keyRing, options);
  return sealItems(values, targetOf(sealedSecret), sealingsOf(facts, recipient, options));
}

/**
 * Seals again only those items that are not sealed for `recipient` already: those keep their values, byte for
 * byte, also where they have more recipients. They are opened all the same, which alone proves it.
 *
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE, ERR_USAGE as resealSecret
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, parseSecret, resealStale, sealSecret } from '@fuin/crypto-core';
 *
 * const [older, newer] = [await generateKeyPair(2048), await generateKeyPair(2048)];
 * const metadata = { namespace: 'shop', name: 'db' };
 * const secret = parseSecret({ metadata, stringData: { password: 'hunter2' } });
 *
 * const current = await sealSecret(secret, newer);
 * const same = await resealStale(current, KeyRing.of(newer, older), newer);
 * console.log(same.spec.encryptedData.password === current.spec.encryptedData.password); // true
 *
 * const stale = await sealSecret(secret, older);
 * const fresh = await resealStale(stale, KeyRing.of(newer, older), newer);
 * console.log(fresh.spec.encryptedData.password === stale.spec.encryptedData.password); // false
 * ```
 */
export async function resealStale(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  recipient: NewRecipient,
  options: ResealOptions = {},
): Promise<SealedSecret> {
  const hints = [...newKeysOf(recipient), ...(options.hints ?? [])];
  const { values, openedBy, facts } = await openItems(sealedSecret, keyRing, { ...options, hints });
  const staleFacts = new Map(
    [...facts].filter(([item, own]) => !isCurrent(own, openedBy.get(item), recipient)),
  );
  const sealings = sealingsOf(staleFacts, recipient, options);
  const stale = new Map([...values].filter(([item]) => staleFacts.has(item)));
  const resealed = await sealItems(stale, targetOf(sealedSecret), sealings);
  const { encryptedData: fresh } = resealed.spec;
  const items = Object.entries(sealedSecret.spec.encryptedData).map(([item, text]) => [
    item,
    Object.hasOwn(fresh, item) ? fresh[item] : text,
  ]);
  return { ...resealed, spec: { ...resealed.spec, encryptedData: Object.fromEntries(items) } };
}

/** The keys that should open a value of format v2 if they can: to ask them first costs nothing. */
function newKeysOf(recipient: NewRecipient): readonly string[] {
  const fresh = recipientFor('v2', recipient);
  return fresh?.format === 'v2' ? idsOf(fresh) : [];
}

/** Whether a value is sealed for all keys of the recipient, and one of them opened it. */
function isCurrent(
  { format, recipients }: ValueFacts,
  openedBy: string | undefined,
  recipient: NewRecipient,
): boolean {
  const fresh = recipientFor(format, recipient);
  if (fresh?.format !== format) return false;
  const ids = idsOf(fresh);
  const isNamed = format === 'v1' || ids.every((id) => recipients.includes(id));
  return isNamed && ids.includes(openedBy ?? '');
}

/**
 * For whom each item is sealed again, and how: on the terms that it has. This is the one place that decides
 * what a value may lose.
 *
 * @throws ERR_USAGE naming the items that would lose more than the options give up
 */
function sealingsOf(
  facts: ReadonlyMap<string, ValueFacts>,
  recipient: NewRecipient,
  options: ResealOptions,
): (item: string) => ItemSealing {
  const sealings = new Map<string, ItemSealing>();
  const failures: ItemFailure[] = [];
  for (const [item, own] of facts) {
    const fresh = recipientFor(own.format, recipient);
    const loss = fresh ? lossOf(own, fresh, options) : `there is no key for format ${own.format}`;
    if (!fresh || loss) failures.push({ item, code: 'ERR_USAGE', message: loss ?? '' });
    else sealings.set(item, { recipient: fresh, terms: fresh.format === 'v1' ? {} : own });
  }
  if (failures.length > 0) throw itemsError(failures);
  return (item) => sealings.get(item) as ItemSealing; // every item that is sealed again has facts
}

/** What a value would lose against the will of its sealer. */
function lossOf(
  { format, recipients }: ValueFacts,
  fresh: Recipient,
  { allowDowngrade = false, allowFewerKeys = false }: ResealOptions,
): string | undefined {
  if (format === 'v2' && fresh.format === 'v1')
    return allowDowngrade ? undefined : 'a value of format v2 must not become one of v1';
  if (allowFewerKeys || recipients.length <= idsOf(fresh).length) return undefined;
  return `a value that ${recipients.length} keys open must not become one for fewer`;
}

function recipientFor(format: ValueFormat, recipient: NewRecipient): Recipient | undefined {
  return 'seal' in recipient ? recipient : recipient[format];
}

function idsOf({ id }: Recipient): readonly string[] {
  return id.split(' ');
}

function targetOf({ metadata, spec }: SealedSecret): SealTarget {
  const { name = '', namespace = '', annotations } = metadata;
  return { name, namespace, scope: scopeOf(annotations), template: spec.template };
}
