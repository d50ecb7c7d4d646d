import { type Bytes, concatBytes, encodeHex } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

const MAGIC_BYTES = 2;
const VERSION = 2;
const HEADER_BYTES = 14;
const KEY_ID_BYTES = 16;
const COMMITMENT_BYTES = 32;
const TAG_BYTES = 16;
/** The smallest bucket and its tag (docs/wire-format-v2.md §4). */
const MIN_CIPHERTEXT_BYTES = 64 + TAG_BYTES;
const MAX_RECIPIENTS = 16;
const ITEM_IS_BOUND = 1;
const LATEST_SECOND = 8_640_000_000_000; // the latest time that a Date can be
const WRAPPED_KEY_BYTES = 48;

/** A suite fixes all algorithms, and so the length of what each recipient gets. */
export interface SuiteSizes {
  readonly encapsulationBytes: number;
}

/** The suites of format v2 by their number (docs/wire-format-v2.md §3). */
export const SUITES_V2: Readonly<Record<number, SuiteSizes>> = {
  1: { encapsulationBytes: 1120 },
};

/** What one recipient needs to open a value. */
export interface RecipientEntry {
  /** 16 bytes that name the recipient's key. */
  readonly keyId: Bytes;
  readonly encapsulation: Bytes;
  /** 48 bytes: the data key, encrypted. */
  readonly wrappedKey: Bytes;
}

/** One sealed value of format v2, taken apart (docs/wire-format-v2.md §1). All parts are views. */
export interface EnvelopeV2 {
  readonly format: 'v2';
  readonly suite: number;
  /** Whether it opens only as the item that it was sealed for. */
  readonly bindsItem: boolean;
  /** After this moment the sealer wants nobody to use it; undefined where it does not expire. */
  readonly expiresAt: Date | undefined;
  /** By key id, ascending. */
  readonly recipients: readonly RecipientEntry[];
  readonly commitment: Bytes;
  /** AES-256-GCM ciphertext of the padded payload, followed by its tag. */
  readonly ciphertext: Bytes;
  /** The first 14 bytes. */
  readonly header: Bytes;
}

/** Whether the bytes are meant for this format: none of v1 begins with two zeros. */
export function claimsV2(bytes: Bytes): boolean {
  return bytes[0] === 0 && bytes[1] === 0;
}

/** Whether the first three bytes are those of a value of this format. */
export function beginsLikeV2(start: Bytes): boolean {
  return claimsV2(start) && start[MAGIC_BYTES] === VERSION;
}

/**
 * The first 14 bytes of a value.
 *
 * @throws ERR_USAGE for a number of recipients or a time that cannot be written
 */
export function headerV2(
  { suite, recipients }: { readonly suite: number; readonly recipients: number },
  bindsItem: boolean,
  expiresAt?: Date,
): Bytes {
  if (recipients < 1 || recipients > MAX_RECIPIENTS)
    throw new SealedSecretsError('ERR_USAGE', `a value has 1 to ${MAX_RECIPIENTS} recipients`);
  const seconds = expiresAt === undefined ? 0 : Math.floor(expiresAt.getTime() / 1000);
  if (expiresAt !== undefined && !(seconds >= 1 && seconds <= LATEST_SECOND))
    throw new SealedSecretsError('ERR_USAGE', 'the time of expiry is not a time after 1970');
  const header = new Uint8Array(HEADER_BYTES);
  header.set([0, 0, VERSION, suite, bindsItem ? ITEM_IS_BOUND : 0, recipients]);
  new DataView(header.buffer).setBigUint64(6, BigInt(seconds));
  return header;
}

/** Writes one value. */
export function encodeV2(
  header: Bytes,
  recipients: readonly RecipientEntry[],
  { commitment, ciphertext }: Pick<EnvelopeV2, 'commitment' | 'ciphertext'>,
): Bytes {
  return concatBytes(header, ...recipients.map(entryBytes), commitment, ciphertext);
}

/** A recipient's entry as it is written. */
export function entryBytes({ keyId, encapsulation, wrappedKey }: RecipientEntry): Bytes {
  return concatBytes(keyId, encapsulation, wrappedKey);
}

/**
 * Takes the bytes of one value apart, without copying.
 *
 * @throws ERR_ENVELOPE_MALFORMED
 */
export function parseV2(bytes: Bytes): EnvelopeV2 {
  const [, , version, suite = 0, flags = 0, count = 0] = bytes;
  if (bytes.length < HEADER_BYTES) throw malformed(`sealed value is too short: ${bytes.length} bytes`);
  if (version !== VERSION) throw malformed(`sealed value of the unknown version ${version}`);
  const sizes = Object.hasOwn(SUITES_V2, suite) ? SUITES_V2[suite] : undefined;
  if (!sizes) throw malformed(`sealed value of the unknown suite ${suite}`);
  if ((flags & ~ITEM_IS_BOUND) !== 0) throw malformed('sealed value with unknown flags');
  if (count < 1 || count > MAX_RECIPIENTS) throw malformed(`sealed value with ${count} recipients`);
  const entryLength = KEY_ID_BYTES + sizes.encapsulationBytes + WRAPPED_KEY_BYTES;
  const commitmentAt = HEADER_BYTES + count * entryLength;
  const ciphertextAt = commitmentAt + COMMITMENT_BYTES;
  if (bytes.length < ciphertextAt + MIN_CIPHERTEXT_BYTES)
    throw malformed(`sealed value is too short: ${bytes.length} bytes`);
  const recipients = Array.from({ length: count }, (_, at) =>
    entryAt(bytes.subarray(HEADER_BYTES + at * entryLength), sizes.encapsulationBytes),
  );
  refuseOtherOrder(recipients);
  return {
    format: 'v2',
    suite,
    bindsItem: (flags & ITEM_IS_BOUND) !== 0,
    expiresAt: expiryIn(bytes),
    recipients,
    commitment: bytes.subarray(commitmentAt, ciphertextAt),
    ciphertext: bytes.subarray(ciphertextAt),
    header: bytes.subarray(0, HEADER_BYTES),
  };
}

function entryAt(bytes: Bytes, encapsulationBytes: number): RecipientEntry {
  const wrappedAt = KEY_ID_BYTES + encapsulationBytes;
  return {
    keyId: bytes.subarray(0, KEY_ID_BYTES),
    encapsulation: bytes.subarray(KEY_ID_BYTES, wrappedAt),
    wrappedKey: bytes.subarray(wrappedAt, wrappedAt + WRAPPED_KEY_BYTES),
  };
}

/** One value has one form: a key has one entry, and the entries have one order. */
function refuseOtherOrder(recipients: readonly RecipientEntry[]): void {
  const isAscending = recipients.every((entry, at) => {
    const before = recipients[at - 1];
    return !before || compareKeyIds(before.keyId, entry.keyId) < 0;
  });
  if (!isAscending) throw malformed('sealed value whose recipients are not in the order of their key ids');
}

/** `v2:` and the key id in hexadecimal. */
export function nameOfKey(keyId: Bytes): string {
  return `v2:${encodeHex(keyId)}`;
}

/** Negative where `a` comes first. */
export function compareKeyIds(a: Bytes, b: Bytes): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function expiryIn(bytes: Bytes): Date | undefined {
  const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(6);
  if (seconds === 0n) return undefined;
  if (seconds > BigInt(LATEST_SECOND))
    throw malformed('sealed value with a time of expiry that does not exist');
  return new Date(Number(seconds) * 1000);
}

function malformed(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_ENVELOPE_MALFORMED', message);
}
