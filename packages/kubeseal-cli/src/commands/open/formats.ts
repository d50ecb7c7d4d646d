import { decodeBase64, printable, SealedSecretsError, type Secret } from '@fuin/crypto-core';
import { itemsOfEnvFile } from '@fuin/items';
import { usageError } from '../../invocation/usage-error.ts';

/** The values of items by name. */
export type Items = ReadonlyMap<string, Uint8Array>;

/** The values of several Secrets as one set. @throws ERR_USAGE where two of them have an item of one name */
export function itemsOfAll(secrets: readonly Secret[]): Items {
  const items = new Map<string, Uint8Array>();
  for (const { data = {} } of secrets) {
    for (const [item, value] of Object.entries(data)) {
      if (items.has(item))
        throw usageError(
          `several SealedSecrets have the item ${printable(item)}`,
          'choose one with --name and -n',
        );
      items.set(item, decodeBase64(value));
    }
  }
  return items;
}

/** The value of an item as a string. @throws ERR_MANIFEST_INVALID for bytes that are none */
export function textOf(item: string, value: Uint8Array, hint: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    throw cannotStand(`the item ${printable(item)} is not text in UTF-8`, hint);
  }
}

/** One JSON object of all items, as `kubeseal create --from-json` reads it. */
export function flatJson(items: Items): string {
  const texts = [...items].map(([item, value]) => [item, textOf(item, value, ALONE)]);
  return `${JSON.stringify(Object.fromEntries(texts), undefined, 2)}\n`;
}

/**
 * The items as a file of lines ITEM=VALUE that all readers of such files understand alike, and shells too.
 * The result is read again, as `kubeseal create --from-env-file` does.
 *
 * @throws ERR_MANIFEST_INVALID naming an item whose name or value no such line can hold
 */
export function dotenv(items: Items): string {
  const lines = [...items].map(([item, value]) => lineOf(item, textOf(item, value, OTHER_FORMAT)));
  return lines.join('');
}

const ALONE = 'print it alone with --item';
const OTHER_FORMAT = 'use -o flat-json, or print it alone with --item';

function lineOf(item: string, value: string): string {
  const quoted = quotedValue(value);
  const line = `${item}=${quoted}\n`;
  if (quoted !== undefined && isReadAs(line, item, value)) return line;
  throw cannotStand(
    `the name or the value of the item ${printable(item)} cannot stand in a .env file so that all programs read it alike`,
    OTHER_FORMAT,
  );
}

/** Quotes within which no program expands or escapes anything; undefined where there are none. */
function quotedValue(value: string): string | undefined {
  if (/^[\w./:@%+,=^-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return /["\\$`]/.test(value) ? undefined : `"${value}"`;
}

function isReadAs(line: string, item: string, value: string): boolean {
  try {
    const read = itemsOfEnvFile(line, 'it');
    return read.size === 1 && read.get(item) === value;
  } catch {
    return false;
  }
}

function cannotStand(message: string, hint: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message, { hint });
}
