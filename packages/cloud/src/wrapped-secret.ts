import { type Bytes, decodeBase64, encodeBase64, encodeUtf8, KEY_TYPES } from '@fuin/crypto-core';
import type { KeyContext } from './key-context.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import {
  formatNote,
  invalid,
  keyVersionIn,
  parseNote,
  rewrapNote,
  unwrapKey,
  type WrapperNote,
  wrapKey,
  wrapperOf,
} from './wrapped-key.ts';

/** Items of a Secret in base64. */
export type SecretData = Readonly<Record<string, string>>;

/** A kind of sealing key: which item of its plain Secret is private, and which everybody may see. */
interface KeyKind {
  readonly type: string;
  readonly privateItem: string;
  readonly publicItem: string;
}

const KINDS: readonly KeyKind[] = [
  { type: 'kubernetes.io/tls', privateItem: 'tls.key', publicItem: 'tls.crt' },
  { type: KEY_TYPES.xWing, privateItem: 'seed', publicItem: 'public-key' },
];

/** The items of a wrapped key Secret beside the public one. */
const WRAPPED_ITEMS = { key: 'wrapped-key', note: 'wrapper' } as const;
const MAX_WRAPPED_KEY_BYTES = 32_768;

/** The items of a key Secret of any kind, and the type of Secret that holds them in the clear. */
export interface PlainKey {
  readonly type: string;
  readonly data: SecretData;
}

/**
 * The items of a wrapped key Secret: the public item as it is, the private one encrypted, and who wrapped it.
 *
 * @throws ERR_KEY_SECRET_INVALID for data of no known kind; ERR_KEY_SERVICE_UNAVAILABLE,
 * ERR_KEY_SERVICE_REJECTED
 */
export async function wrapSecretData(
  data: SecretData,
  context: KeyContext,
  wrapper: KeyWrapper,
): Promise<SecretData> {
  const { privateItem, publicItem } = kindOf(data, ({ privateItem: item }) => item);
  const privateKey = bytesOf(data, privateItem);
  try {
    const { ciphertext, note } = await wrapKey(privateKey, { item: privateItem, context }, wrapper);
    return {
      [publicItem]: data[publicItem] ?? '',
      [WRAPPED_ITEMS.key]: encodeBase64(ciphertext),
      [WRAPPED_ITEMS.note]: noteItem(note),
    };
  } finally {
    privateKey.fill(0);
  }
}

/**
 * The items of the plain key Secret. Secret: anyone who has them can open every value.
 *
 * @param wrappers those that are configured; no other is ever asked, whatever the Secret says
 * @throws ERR_KEY_SECRET_INVALID; ERR_KEY_SERVICE_UNAVAILABLE, ERR_KEY_SERVICE_REJECTED
 */
export async function unwrapSecretData(
  data: SecretData,
  context: KeyContext,
  wrappers: readonly KeyWrapper[],
): Promise<PlainKey> {
  const { kind, ciphertext, note } = readWrapped(data);
  const { type, privateItem, publicItem } = kind;
  const wrapper = wrapperOf(note, wrappers);
  const privateKey = await unwrapKey({ ciphertext, note }, { item: privateItem, context }, wrapper);
  const plain = { [publicItem]: data[publicItem] ?? '', [privateItem]: encodeBase64(privateKey) };
  privateKey.fill(0);
  return { type, data: plain };
}

/** The same with its data key wrapped anew by the first wrapper. Throws like unwrapSecretData. */
export async function rewrapSecretData(
  data: SecretData,
  context: KeyContext,
  wrappers: readonly [KeyWrapper, ...KeyWrapper[]],
): Promise<SecretData> {
  const { note } = readWrapped(data);
  const change = { from: wrapperOf(note, wrappers), to: wrappers[0] };
  return { ...data, [WRAPPED_ITEMS.note]: noteItem(await rewrapNote(note, context, change)) };
}

/** What a wrapped key Secret says about the key that wrapped its own. */
export interface WrappedBy {
  /** Name of the wrapper. */
  readonly wrapper: string;
  /** Undefined where the service does not tell it. */
  readonly keyVersion: string | undefined;
}

/** Who wrapped the key of a wrapped key Secret. Asks nobody. @throws ERR_KEY_SECRET_INVALID */
export function wrappedBy(data: SecretData): WrappedBy {
  const { note } = readWrapped(data);
  return { wrapper: note.wrapper, keyVersion: keyVersionIn(note) };
}

/** Two programs must never take two different keys from one Secret: what else it holds is refused. */
function readWrapped(data: SecretData) {
  const kind = kindOf(data, ({ publicItem }) => publicItem);
  if (Object.hasOwn(data, kind.privateItem))
    throw invalid(`it holds its private key twice, in the clear as ${kind.privateItem} and wrapped`);
  const known: readonly string[] = [kind.publicItem, ...Object.values(WRAPPED_ITEMS)];
  if (Object.keys(data).some((item) => !known.includes(item)))
    throw invalid(`a wrapped key Secret holds only ${known.join(', ')}`);
  const ciphertext = bytesOf(data, WRAPPED_ITEMS.key);
  if (ciphertext.length > MAX_WRAPPED_KEY_BYTES)
    throw invalid(`${WRAPPED_ITEMS.key}: over ${MAX_WRAPPED_KEY_BYTES} bytes`);
  const note = Buffer.from(bytesOf(data, WRAPPED_ITEMS.note)).toString('utf8');
  return { kind, ciphertext, note: parseNote(note) };
}

function kindOf(data: SecretData, itemOf: (kind: KeyKind) => string): KeyKind {
  const kind = KINDS.find((each) => Object.hasOwn(data, itemOf(each)));
  if (kind) return kind;
  throw invalid(`it holds none of ${KINDS.map(itemOf).join(', ')}`);
}

function bytesOf(data: SecretData, item: string): Bytes {
  const text: unknown = Object.hasOwn(data, item) ? data[item] : undefined;
  if (typeof text !== 'string' || text === '') throw invalid(`${item}: missing`);
  try {
    return decodeBase64(text);
  } catch {
    throw invalid(`${item}: not base64`);
  }
}

function noteItem(note: WrapperNote): string {
  return encodeBase64(encodeUtf8(formatNote(note)));
}
