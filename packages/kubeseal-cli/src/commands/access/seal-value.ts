import {
  type Bytes,
  type ItemTerms,
  type Recipient,
  type SealedSecret,
  scopeOf,
  sealItem,
  type ValueFacts,
} from '@fuin/crypto-core';
import { adviseOnLoss, factsOfValue, presentFormat, refuseDowngrade } from '../../input/sealed-format.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import { adviseOnNamespace } from '../../input/secrets.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { Sealer } from './sealer.ts';

/** A SealedSecret, and the file that it is in. */
type Placed = Pick<SealedInput, 'sealedSecret' | 'label'> & { readonly file: string };

/** The value of one item. */
interface ItemValue {
  readonly item: string;
  readonly value: Bytes;
  /**
   * The item that it was until now, where that has another name: the value is the same, and so are its terms.
   */
  readonly from?: string | undefined;
}

/**
 * Seals a new value for an item of a SealedSecret, in the format that is asked for, else in the one that the
 * SealedSecret has. An item that is bound to its name stays so.
 *
 * @throws ERR_USAGE where the namespace is missing, and the errors of openSealingKey
 */
export async function sealFor(
  target: Placed,
  { item, value, from }: ItemValue,
  sealer: Pick<Sealer, 'formatFor' | 'namespaceFor' | 'namespaceHint' | 'recipientFor'>,
  warn: Warn,
): Promise<{ text: string; sealedWith: string }> {
  const { sealedSecret, label, file } = target;
  const { metadata } = sealedSecret;
  const scope = scopeOf(metadata.annotations);
  const { name = '', namespace: own = '' } = metadata;
  if (scope === 'strict' && name === '') throw usageError(`${label} has no name`);
  const namespace = own || (scope === 'cluster-wide' ? '' : await sealer.namespaceFor(file));
  if (scope !== 'cluster-wide' && namespace === '')
    throw usageError(`${label} has no namespace`, sealer.namespaceHint);
  if (own === '' && scope !== 'cluster-wide') adviseOnNamespace(namespace, label, warn);
  const asked = await sealer.formatFor(file);
  const recipient = await sealer.recipientFor(file, asked.asked ?? presentFormat(sealedSecret));
  const before = ownItem(sealedSecret, from ?? item);
  const old = factsOfValue(before);
  const kept = termsAgain(from === undefined ? { ...old, expiresAt: undefined } : old, asked);
  const terms = recipient.format === 'v2' ? kept : asked;
  const text = await sealItem(value, recipient, { scope, namespace, name, item }, terms);
  if (before !== '') adviseOnLoss(before, text, `${label}: ${item}`, warn);
  return { text, sealedWith: recipient.id };
}

/** For whom an opened value is sealed again, and what may change. */
export interface Again {
  readonly recipient: Recipient;
  /** Terms to add to those that the value has. */
  readonly terms: ItemTerms;
  /** Whether the user asks for format v1 in so many words. */
  readonly mayDowngrade: boolean;
}

/**
 * Seals an opened value of an item again, under the name, namespace and scope of its SealedSecret and with
 * the terms that it has.
 *
 * @throws ERR_USAGE for a value of v2 that would become one of v1 though nobody asks for that
 */
export async function sealAgain(
  { sealedSecret: { metadata, ...rest }, label }: Pick<Placed, 'sealedSecret' | 'label'>,
  { item, value }: ItemValue,
  { recipient, terms, mayDowngrade }: Again,
): Promise<string> {
  const own = factsOfValue(ownItem(rest, item));
  if (!mayDowngrade) refuseDowngrade(own, recipient.format, `${label}: ${item}`);
  const { name = '', namespace = '', annotations } = metadata;
  const place = { scope: scopeOf(annotations), namespace, name, item };
  return sealItem(value, recipient, place, recipient.format === 'v2' ? termsAgain(own, terms) : {});
}

function termsAgain(own: ValueFacts, { bindsItem = false, expiresAt }: ItemTerms): ItemTerms {
  return { bindsItem: own.bindsItem || bindsItem, expiresAt: expiresAt ?? own.expiresAt };
}

/** Empty where there is no such item. */
function ownItem({ spec }: Pick<SealedSecret, 'spec'>, item: string): string {
  return Object.hasOwn(spec.encryptedData, item) ? (spec.encryptedData[item] ?? '') : '';
}
