import type { SealedSecret } from '../secret/resource.ts';

/** Annotation of a SealedSecret that says which key sealed each item. A hint for people, never trusted. */
export const SEALING_NOTE = 'sealedsecrets.bitnami.com/sealed-with';

/** What is longer was not written by a program of Fuin. */
const MAX_NOTE = 256 * 1024;
/** The id of an RSA key, or the ids of one or several keys of format v2. */
const KEY_ID = /^(?:SHA256:[A-Za-z0-9+/]{43}|v2:[0-9a-f]{32}(?: v2:[0-9a-f]{32}){0,15})$/;
/** How many characters of a sealed value tell it from every other: they belong to the tag of AES-GCM. */
const ENDING = 8;

type Sealed = Pick<SealedSecret, 'metadata' | 'spec'>;

/**
 * The fingerprint of the key that sealed each item, as the annotation says. It says nothing about an item
 * whose value is another one than when the note was written: other programs do not keep notes up to date.
 * Anyone who can write the object can write anything into its note.
 *
 * @returns fingerprints by item
 * @example
 * ```js
 * import { generateKeyPair, parseSecret, sealSecret } from '@fuin/crypto-core';
 * import { SEALING_NOTE, sealingNote, sealingNoteOf } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = await sealSecret(parseSecret({ metadata, stringData: { password: 'hunter2' } }), pair);
 * const note = sealingNote(sealed.spec.encryptedData, new Map([['password', pair.id]]));
 *
 * const noted = { ...sealed, metadata: { ...metadata, annotations: { [SEALING_NOTE]: note } } };
 * console.log(sealingNoteOf(noted).get('password') === pair.id); // true
 * ```
 */
export function sealingNoteOf({ metadata, spec: { encryptedData } }: Sealed): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [fingerprint, endings] of Object.entries(parse(metadata.annotations?.[SEALING_NOTE]))) {
    if (!isKeyId(fingerprint)) continue;
    for (const [item, ending] of Object.entries(recordOf(endings))) {
      const value = Object.hasOwn(encryptedData, item) ? encryptedData[item] : undefined;
      if (value !== undefined && ending === endingOf(value)) keys.set(item, fingerprint);
    }
  }
  return keys;
}

/**
 * The value of the annotation SEALING_NOTE: a JSON object of fingerprints, each with the items that its key
 * sealed and the last characters of their sealed values.
 *
 * @param keys fingerprints by item; items that are not in encryptedData are left out
 * @returns undefined where nothing is known
 * @example
 * ```js
 * import { generateKeyPair, parseSecret, sealingNote, sealSecret } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const secret = parseSecret({ metadata: { name: 'db' }, stringData: { password: 'hunter2' } });
 * const { spec } = await sealSecret(secret, pair, 'cluster-wide');
 * const note = sealingNote(spec.encryptedData, new Map([['password', pair.id]]));
 * console.log(Object.keys(JSON.parse(note))[0] === pair.id); // true
 * ```
 */
export function sealingNote(
  encryptedData: Readonly<Record<string, string>>,
  keys: ReadonlyMap<string, string>,
): string | undefined {
  const byKey = new Map<string, [string, string][]>();
  for (const [item, fingerprint] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = Object.hasOwn(encryptedData, item) ? encryptedData[item] : undefined;
    if (value === undefined) continue;
    byKey.set(fingerprint, [...(byKey.get(fingerprint) ?? []), [item, endingOf(value)]]);
  }
  if (byKey.size === 0) return undefined;
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(Object.fromEntries(sorted.map(([key, items]) => [key, Object.fromEntries(items)])));
}

/**
 * Whether a string looks like the id of a key, and may stand in a message.
 *
 * @example
 * ```js
 * import { generateKeyPair, isKeyId } from '@fuin/crypto-core';
 *
 * console.log(isKeyId((await generateKeyPair(2048)).id)); // true
 * console.log(isKeyId('hunter2')); // false
 * ```
 */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

function endingOf(sealed: string): string {
  return sealed.trim().replace(/=+$/, '').slice(-ENDING);
}

function parse(note: string | undefined): Readonly<Record<string, unknown>> {
  if (note === undefined || note.length > MAX_NOTE) return {};
  try {
    return recordOf(JSON.parse(note));
  } catch {
    return {};
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
