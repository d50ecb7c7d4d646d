import { type Bytes, encodeUtf8 } from '@fuin/crypto-core';
import { usageError } from '../../../invocation/usage-error.ts';
import { isObject } from '../../../io/fields.ts';
import { itemsOfFields, parseJson } from '../../json-items.ts';
import type { Loaded, StoreWorld } from '../store.ts';

/**
 * The parts of a path, each escaped for a URL. What would lead out of the path, or name nothing, is refused.
 *
 * @param store that it is a path in, for messages
 * @throws ERR_USAGE
 */
export function escapePath(path: string, store: string): string {
  const parts = path.split('/');
  const isRefused = (part: string) => /^\.{0,2}$/.test(part) || /\p{Cc}/u.test(part);
  if (parts.some(isRefused))
    throw usageError(
      `${store}: the path has a part that is empty, . or ..`,
      `such as ${store}:secret/shop/db`,
    );
  return parts.map(encodeURIComponent).join('/');
}

/** A name and what stands behind `?version=`. @throws ERR_USAGE for other settings */
export function splitVersion(reference: string): { readonly name: string; readonly version: string } {
  const [, name = '', version] = /^([^?]*)(?:\?version=([\w.-]{1,128}))?$/s.exec(reference) ?? [];
  if (name !== '') return { name, version: version ?? '' };
  throw usageError(
    'a source names nothing, or has something else than ?version= behind the ?',
    'such as vault:secret/shop/db?version=3',
  );
}

/** One value of a store under the last part of its name, or the items that it holds as a JSON object. */
export function loadedValue(
  value: Bytes,
  { name, origin }: { readonly name: string; readonly origin: string },
  { splitsJson, wants }: Pick<StoreWorld, 'splitsJson' | 'wants'>,
): Loaded {
  const parsed = splitsJson ? parseJson(new TextDecoder().decode(value)) : undefined;
  if (isObject(parsed)) return { origin, items: itemsOfFields(parsed, origin, wants) };
  return { origin, items: new Map([[lastPart(name), value]]) };
}

/** The same for a string. */
export function loadedText(
  text: string,
  named: { readonly name: string; readonly origin: string },
  world: Pick<StoreWorld, 'splitsJson' | 'wants'>,
): Loaded {
  return loadedValue(encodeUtf8(text), named, world);
}

function lastPart(name: string): string {
  return name.split('/').at(-1) ?? '';
}
