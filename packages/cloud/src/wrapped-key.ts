import {
  type Bytes,
  decodeBase64,
  encodeBase64,
  printable,
  SealedSecretsError,
  visible,
} from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { unavailable, WrongDataKey } from './faults.ts';
import { contextBytes, type KeyContext } from './key-context.ts';
import { DATA_KEY_BYTES, type KeyWrapper, MAX_WRAPPED_BYTES } from './key-wrapper.ts';

/** A private item of a key Secret, wrapped: both parts are of use together only. */
export interface WrappedKey {
  /** AES-256-GCM of the item's bytes, tag at the end. */
  readonly ciphertext: Bytes;
  readonly note: WrapperNote;
}

/** Which service wrapped the data key, and what came out. */
export interface WrapperNote {
  /** Name of the wrapper. */
  readonly wrapper: string;
  readonly dataKey: Bytes;
}

const VERSION = 1;
const MAX_NOTE_CHARACTERS = 16_384;

/** What is wrapped: an item, such as `tls.key`, of the key that the context names. */
export interface WrappedItem {
  readonly item: string;
  readonly context: KeyContext;
}

/**
 * Wraps a private key under a new data key, and the data key with the service.
 *
 * Each data key encrypts one text and never another: rewrapping leaves the ciphertext as it is. So the fixed
 * nonce never repeats under a key (NIST SP 800-38D §8.2).
 */
export async function wrapKey(
  privateKey: Bytes,
  what: WrappedItem,
  wrapper: KeyWrapper,
): Promise<WrappedKey> {
  const dataKey = crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES));
  try {
    const ciphertext = await crypt('encrypt', privateKey, dataKey, what);
    return {
      ciphertext,
      note: { wrapper: wrapper.name, dataKey: await wrapDataKey(dataKey, what.context, wrapper) },
    };
  } finally {
    dataKey.fill(0);
  }
}

/**
 * The private key as it was before.
 *
 * @throws ERR_KEY_SECRET_INVALID where the data key opens it not: another Secret's, damaged, or a service
 * that answers with something else (isWrongDataKey)
 * @throws ERR_KEY_SERVICE_UNAVAILABLE, ERR_KEY_SERVICE_REJECTED
 */
export async function unwrapKey(
  { ciphertext, note }: WrappedKey,
  what: WrappedItem,
  wrapper: KeyWrapper,
): Promise<Bytes> {
  const dataKey = await unwrapDataKey(note, what.context, wrapper);
  try {
    return await crypt('decrypt', ciphertext, dataKey, what);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError')
      throw invalid(WRONG_DATA_KEY, new WrongDataKey());
    throw error;
  } finally {
    dataKey.fill(0);
  }
}

const WRONG_DATA_KEY =
  'the data key does not open it: it is damaged, or belongs to another Secret, or the key service answers with a wrong key';

/**
 * The note for the same data key under the newest version of the service's key, or under the key of another
 * service. The ciphertext stays as it is.
 */
export async function rewrapNote(
  note: WrapperNote,
  context: KeyContext,
  { from, to }: { readonly from: KeyWrapper; readonly to: KeyWrapper },
): Promise<WrapperNote> {
  if (from.name === to.name)
    return { wrapper: to.name, dataKey: checked(await to.rewrap(note.dataKey, context)) };
  const dataKey = await unwrapDataKey(note, context, from);
  try {
    return { wrapper: to.name, dataKey: await wrapDataKey(dataKey, context, to) };
  } finally {
    dataKey.fill(0);
  }
}

/** The note as the item `wrapper` of a key Secret holds it. */
export function formatNote({ wrapper, dataKey }: WrapperNote): string {
  return JSON.stringify({ version: VERSION, wrapper, dataKey: encodeBase64(dataKey) });
}

/** @throws ERR_KEY_SECRET_INVALID */
export function parseNote(text: string): WrapperNote {
  const { version, wrapper, dataKey } = fieldsIn(text.slice(0, MAX_NOTE_CHARACTERS));
  if (version !== VERSION) throw invalid('the item wrapper is of no known version');
  if (typeof wrapper !== 'string' || wrapper === '') throw invalid('the item wrapper names no wrapper');
  if (typeof dataKey !== 'string') throw invalid('the item wrapper holds no data key');
  return { wrapper, dataKey: checked(bytesIn(dataKey)) };
}

/**
 * The version of the service's key that wrapped a data key; undefined where the service does not tell. What
 * Vault, Google and Azure give begins with it, as `vault:v3:`.
 */
export function keyVersionIn({ dataKey }: WrapperNote): string | undefined {
  const start = Buffer.from(dataKey.subarray(0, 100)).toString('latin1');
  return /^[a-z][a-z-]{0,30}:v([0-9a-f]{1,32}):/.exec(start)?.[1];
}

/** The wrapper that wrapped a key. @throws ERR_KEY_SERVICE_REJECTED where it is not among those configured */
export function wrapperOf({ wrapper }: WrapperNote, wrappers: readonly KeyWrapper[]): KeyWrapper {
  const found = wrappers.find(({ name }) => name === wrapper);
  if (found) return found;
  throw new SealedSecretsError(
    'ERR_KEY_SERVICE_REJECTED',
    `it is wrapped by ${printable(wrapper)}, which is not among the configured key wrappers`,
    { hint: 'name it in --key-wrapper' },
  );
}

async function wrapDataKey(dataKey: Bytes, context: KeyContext, wrapper: KeyWrapper): Promise<Bytes> {
  const wrapped = checked(await wrapper.wrap(dataKey, context));
  // a program that only echoes would store the key in the clear
  if (Buffer.from(wrapped).includes(dataKey))
    throw invalid('the key service gives the data key back in the clear');
  return wrapped;
}

async function unwrapDataKey(
  { dataKey }: WrapperNote,
  context: KeyContext,
  wrapper: KeyWrapper,
): Promise<Bytes> {
  const plain = await wrapper.unwrap(dataKey, context);
  if (plain.length === DATA_KEY_BYTES) return plain;
  plain.fill(0);
  throw unavailable(visible(wrapper.name), 'it gives a data key of another length');
}

async function crypt(
  operation: 'encrypt' | 'decrypt',
  text: Bytes,
  dataKey: Bytes,
  { item, context }: WrappedItem,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', dataKey, 'AES-GCM', false, [operation]);
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: contextBytes(context, item) };
  return new Uint8Array(await crypto.subtle[operation](algorithm, key, text));
}

function checked(wrapped: Bytes): Bytes {
  if (wrapped.length > 0 && wrapped.length <= MAX_WRAPPED_BYTES) return wrapped;
  throw invalid(`a wrapped data key has 1 to ${MAX_WRAPPED_BYTES} bytes`);
}

function bytesIn(base64: string): Bytes {
  try {
    return decodeBase64(base64);
  } catch {
    throw invalid('the data key in the item wrapper is not base64');
  }
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    throw invalid('the item wrapper is not JSON');
  }
}

/** The error for a key Secret that cannot be used, whatever the service says. */
export function invalid(reason: string, cause?: unknown): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_SECRET_INVALID', reason, cause === undefined ? {} : { cause });
}
