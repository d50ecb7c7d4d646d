import { isItemName } from '@fuin/crypto-core';
import { usageError } from '../invocation/usage-error.ts';

/** Where the value of an item comes from, as an argument says it. */
export type ItemArgument =
  | { readonly item: string; readonly from: 'prompt' }
  | { readonly item: string; readonly from: 'text'; readonly text: string }
  | { readonly item: string; readonly from: 'file'; readonly file: string };

/**
 * Reads `ITEM`, `ITEM=VALUE` or `ITEM=@FILE`. No message quotes what follows the `=`.
 *
 * @throws ERR_USAGE for a name that no item can have
 */
export function parseItemArgument(argument: string): ItemArgument {
  const { key: item, value } = splitAtEquals(argument);
  refuseItemName(item);
  if (value === undefined) return { item, from: 'prompt' };
  if (!value.startsWith('@')) return { item, from: 'text', text: value };
  if (value === '@')
    throw usageError(`item ${item} names no file`, `give ${item}=@FILE, or ${item}=@- for stdin`);
  return { item, from: 'file', file: value.slice(1) };
}

/** @throws ERR_USAGE for a name that no item can have */
export function refuseItemName(item: string): void {
  if (isItemName(item)) return;
  // what stands there may be a value, so it is not quoted
  throw usageError(
    'an item has a name that Kubernetes refuses',
    'names have letters, digits, -, _ and ., and at most 253 characters; write ITEM, ITEM=VALUE or ITEM=@FILE',
  );
}

/** What stands before and behind the first `=`. */
export function splitAtEquals(text: string): { readonly key: string; readonly value: string | undefined } {
  const at = text.indexOf('=');
  return at < 0 ? { key: text, value: undefined } : { key: text.slice(0, at), value: text.slice(at + 1) };
}
