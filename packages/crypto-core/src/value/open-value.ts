import type { Bytes } from '../bytes.ts';
import { type ErrorCode, SealedSecretsError } from '../errors.ts';
import { type Envelope, parseEnvelope } from './format-table.ts';
import type { Key } from './key.ts';
import type { KeyRing } from './key-ring.ts';

/** What an opened value was and which key opened it. */
export interface OpenedValue {
  readonly plaintext: Bytes;
  /** Id of the key that opened it. */
  readonly keyId: string;
  /** How many other keys were tried before. */
  readonly misses: number;
}

/**
 * Opens one sealed value with the first key of the ring that fits.
 *
 * @param sealed the bytes of an envelope (docs/wire-format.md §1), not its base64
 * @param label the encryptionLabel that it was sealed under
 * @param item the name of its item, without which a value that is bound to its item stays closed
 * @throws ERR_ENVELOPE_MALFORMED when the bytes are not an envelope
 * @throws ERR_NO_KEY_OPENS_VALUE for a wrong key, a wrong label or tampering: they look the same on purpose
 * @example
 * ```js
 * import { encryptionLabel, generateKeyPair, KeyRing, openValue } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const label = encryptionLabel('strict', 'shop', 'db');
 * const sealed = await pair.seal(new TextEncoder().encode('hunter2'), label);
 *
 * const opened = await openValue(sealed, KeyRing.of(pair), label);
 * console.log(new TextDecoder().decode(opened)); // hunter2
 *
 * const moved = openValue(sealed, KeyRing.of(pair), encryptionLabel('strict', 'other', 'db'));
 * console.log(await moved.catch(({ code }) => code)); // ERR_NO_KEY_OPENS_VALUE
 * ```
 */
export async function openValue(sealed: Bytes, keyRing: KeyRing, label: Bytes, item = ''): Promise<Bytes> {
  return (await openEnvelope(parseEnvelope(sealed), keyRing, { label, item })).plaintext;
}

/**
 * Opens one parsed value and says which key did it.
 *
 * @param hints ids of keys to try first, in order; a wrong hint costs one trial and nothing else
 * @throws ERR_NO_KEY_OPENS_VALUE as openValue; whatever a key rejects with, but ERR_KEY_INVALID instead of
 *   what would be taken for an error about the value
 */
export async function openEnvelope(
  envelope: Envelope,
  keyRing: KeyRing,
  { label, item }: { readonly label: Bytes; readonly item: string },
  hints: readonly string[] = [],
): Promise<OpenedValue> {
  for (const [misses, key] of keyRing.candidates(envelope, hints).entries()) {
    const plaintext = await key.open(envelope, label, item).catch((fault: unknown) => {
      throw isAboutValues(fault) ? faultOf(key, fault) : fault;
    });
    if (!plaintext) continue;
    keyRing.noteOpened(key);
    return { plaintext, keyId: key.id, misses };
  }
  throw new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret');
}

/**
 * Whether an error would be taken for one about the value: a key that is itself sealed may reject with what
 * its own opening ended with.
 */
function isAboutValues(fault: unknown): boolean {
  const CODES: readonly string[] = ['ERR_NO_KEY_OPENS_VALUE', 'ERR_ENVELOPE_MALFORMED'] satisfies ErrorCode[];
  return fault instanceof SealedSecretsError && CODES.includes(fault.code);
}

function faultOf({ id }: Key, cause: unknown): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `the sealing key ${id} cannot be used`, { cause });
}
