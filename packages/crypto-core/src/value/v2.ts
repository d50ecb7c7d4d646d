import { type Bytes, concatBytes, decodeUtf8, encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { decryptValue, encryptValue, nullWhenRefused } from './aes-gcm.ts';
import {
  compareKeyIds,
  type EnvelopeV2,
  encodeV2,
  entryBytes,
  headerV2,
  type RecipientEntry,
} from './envelope-v2.ts';
import type { SealTerms } from './key.ts';
import { pad, unpad } from './padding.ts';

const DATA_KEY_BYTES = 32;
/** The longest `info` that implementations of HPKE take (docs/wire-format-v2.md §5). */
const MAX_INFO_BYTES = 65_535;
const DOMAIN = encodeUtf8('fuin-sealed-value-v2');
const SCOPE_NUMBERS = { strict: 0, 'namespace-wide': 1, 'cluster-wide': 2 } as const;

/** What computes the inner layer of a value. */
export interface ValueAlgorithms {
  /** 64 bytes of HKDF-SHA256 (RFC 5869) whose salt is the SHA-256 of the transcript. */
  hkdf(dataKey: Bytes, transcript: Bytes, info: Bytes): Promise<Bytes>;
  /** AES-256-GCM with a nonce of zeros. */
  encrypt(plaintext: Bytes, key: Bytes): Promise<Bytes>;
  /** Null where the tag does not fit. */
  decrypt(ciphertext: Bytes, key: Bytes): Promise<Bytes | null>;
}

/** By Web Crypto, which every runtime has. */
export const WEB_CRYPTO: ValueAlgorithms = {
  hkdf: async (dataKey, transcript, info) => {
    const salt = await crypto.subtle.digest('SHA-256', transcript);
    const key = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveBits']);
    const algorithm = { name: 'HKDF', hash: 'SHA-256', salt, info };
    return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 512));
  },
  encrypt: (plaintext, key) => encryptValue(plaintext, key),
  decrypt: (ciphertext, key) => nullWhenRefused(decryptValue(ciphertext, key)),
};

/** One of those that a value is sealed for. */
export interface WrapperV2 {
  /** 16 bytes. */
  readonly keyId: Bytes;
  /**
   * Encrypts the data key with HPKE (RFC 9180 §6.1) in base mode under `info`, without additional data. It
   * must not keep the data key.
   */
  wrap(dataKey: Bytes, info: Bytes): Promise<Pick<RecipientEntry, 'encapsulation' | 'wrappedKey'>>;
}

/** For whom a value is sealed, and how. */
export interface SealingV2 {
  readonly suite: number;
  readonly wrappers: readonly WrapperV2[];
  readonly algorithms?: ValueAlgorithms;
}

/**
 * Seals one value of format v2 (docs/wire-format-v2.md) with a fresh data key of 32 bytes, which is zeroed
 * afterwards.
 *
 * @param label the encryptionLabel of the object's scope
 * @throws ERR_USAGE for no recipient, more than 16, two of one key, or names that are too long
 */
export async function sealV2(
  value: Uint8Array,
  label: Bytes,
  { suite, wrappers, algorithms = WEB_CRYPTO }: SealingV2,
  { item, expiresAt }: SealTerms = {},
): Promise<Bytes> {
  const sorted = wrappers.toSorted((a, b) => compareKeyIds(a.keyId, b.keyId));
  if (sorted.some(({ keyId }, at) => at > 0 && compareKeyIds(sorted[at - 1]?.keyId ?? keyId, keyId) === 0))
    throw new SealedSecretsError('ERR_USAGE', 'one key is named twice among the recipients');
  const header = headerV2({ suite, recipients: sorted.length }, item !== undefined, expiresAt);
  const info = infoOf(
    header,
    sorted.map(({ keyId }) => keyId),
    boundPlace(label, item ?? ''),
  );
  if (info.length > MAX_INFO_BYTES)
    throw new SealedSecretsError('ERR_USAGE', 'the names of namespace, object and item are too long');
  const dataKey = crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES));
  const payload = pad(value);
  try {
    const recipients: RecipientEntry[] = [];
    for (const { keyId, wrap } of sorted) recipients.push({ keyId, ...(await wrap(dataKey, info)) });
    const { contentKey, commitment } = await derive(dataKey, info, recipients, algorithms);
    const ciphertext = await algorithms.encrypt(payload, contentKey);
    contentKey.fill(0);
    return encodeV2(header, recipients, { commitment, ciphertext });
  } finally {
    dataKey.fill(0);
    payload.fill(0);
  }
}

/**
 * Opens one value of format v2, with the private key wherever it is: `unwrap` alone touches it.
 *
 * @param item the name of the item, which counts only where the value is bound to it
 * @param unwrap decrypts the data key from the entry of the own key with HPKE in base mode under `info`; null
 *   where key or info do not fit
 * @returns null when the value cannot be opened, for whatever reason
 */
export async function openV2(
  envelope: EnvelopeV2,
  { label, item }: { readonly label: Bytes; readonly item: string },
  unwrap: (info: Bytes) => Promise<Bytes | null>,
  algorithms = WEB_CRYPTO,
): Promise<Bytes | null> {
  const { header, recipients, commitment, ciphertext, bindsItem } = envelope;
  const ids = recipients.map(({ keyId }) => keyId);
  const info = infoOf(header, ids, boundPlace(label, bindsItem ? item : ''));
  if (info.length > MAX_INFO_BYTES) return null; // nobody can have sealed it for that place
  const dataKey = await unwrap(info);
  if (dataKey?.length !== DATA_KEY_BYTES) return null;
  const derived = await derive(dataKey, info, recipients, algorithms);
  dataKey.fill(0);
  try {
    if (!isSame(derived.commitment, commitment)) return null;
    const payload = await algorithms.decrypt(ciphertext, derived.contentKey);
    const value = payload && unpad(payload);
    payload?.fill(0);
    return value;
  } finally {
    derived.contentKey.fill(0);
  }
}

/** What binds a data key to everything that is public about a value: the `info` of HPKE (§5). */
function infoOf(header: Bytes, keyIds: readonly Bytes[], place: Bytes): Bytes {
  return concatBytes(DOMAIN, header, ...keyIds, place);
}

/**
 * Scope, namespace, name and item, each with its length (§2). A label of v1 tells the scopes apart: a
 * namespace is not empty and holds no slash.
 */
function boundPlace(label: Bytes, item: string): Bytes {
  const text = decodeUtf8(label);
  const slash = text.indexOf('/');
  const scope = text === '' ? 'cluster-wide' : slash < 0 ? 'namespace-wide' : 'strict';
  const [namespace, name] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  const parts = [namespace, name, item].flatMap((part) => {
    const bytes = encodeUtf8(part);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return [length, bytes];
  });
  return concatBytes(new Uint8Array([SCOPE_NUMBERS[scope]]), ...parts);
}

/** The key of the payload and the commitment to the data key (§5). */
async function derive(
  dataKey: Bytes,
  info: Bytes,
  recipients: readonly RecipientEntry[],
  { hkdf }: ValueAlgorithms,
) {
  const derived = await hkdf(dataKey, concatBytes(info, ...recipients.map(entryBytes)), DOMAIN);
  return { contentKey: derived.subarray(0, 32), commitment: derived.slice(32) };
}

/** In a time that does not depend on where the bytes differ. */
function isSame(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  return a.reduce((difference, byte, at) => difference | (byte ^ (b[at] ?? 0)), 0) === 0;
}
