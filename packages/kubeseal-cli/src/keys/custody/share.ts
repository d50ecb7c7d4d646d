import { createHash, randomBytes } from 'node:crypto';
import { type Bytes, SealedSecretsError } from '@fuin/crypto-core';
import { bech32m } from '@scure/base';

/** One part of a split identity. It tells nothing about the identity but which one it is of. */
export interface Share {
  readonly kind: IdentityKind;
  /** How many shares give the identity back. */
  readonly threshold: number;
  /** How many there are. */
  readonly total: number;
  /** From 1 on, for people. */
  readonly index: number;
  /** At random: shares of one split have the same. */
  readonly set: Bytes;
  /** Of the identity's recipient, see `checkOf`. */
  readonly check: Bytes;
  /** What Shamir's scheme needs: a value for each byte of the secret, then the place. */
  readonly value: Bytes;
}

/** How identities of age begin, by the byte that stands for them in a share. Each holds 32 bytes. */
export const IDENTITY_KINDS = ['AGE-SECRET-KEY-', 'AGE-SECRET-KEY-PQ-'] as const;

/** How an identity of age begins. */
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

const PREFIX = 'kubeseal-share-';
const SHARE = new RegExp(`^${PREFIX}1`, 'i');
const VERSION = 1;
const ID_BYTES = 8;
/** Version, kind, threshold, total and index. */
const HEAD_BYTES = 5;
const SECRET_BYTES = 32;
const SHARE_BYTES = HEAD_BYTES + 2 * ID_BYTES + SECRET_BYTES + 1;

/** Whether a line is meant to be a share. */
export function looksLikeShare(line: string): boolean {
  return SHARE.test(line);
}

/** The id of a new split. */
export function newSetId(): Bytes {
  return new Uint8Array(randomBytes(ID_BYTES));
}

/** What tells that joined shares are the identity of a recipient: the first 8 bytes of its SHA-256. */
export function checkOf(recipient: string): Bytes {
  return new Uint8Array(createHash('sha256').update(recipient).digest().subarray(0, ID_BYTES));
}

/** A share as one line (Bech32m, BIP 350), whose checksum finds what a typist gets wrong. */
export function formatShare({ kind, threshold, total, index, set, check, value }: Share): string {
  const head = Uint8Array.of(VERSION, IDENTITY_KINDS.indexOf(kind), threshold, total, index);
  const bytes = Buffer.concat([head, set, check, value]);
  return bech32m.encode(PREFIX, bech32m.toWords(bytes), false);
}

/**
 * Reads a share.
 *
 * @param where what messages call it
 * @throws ERR_KEY_INVALID, never quoting it
 */
export function parseShare(line: string, where: string): Share {
  const bytes = bytesOf(line, where);
  const [version, kindAt = 0, threshold = 0, total = 0, index = 0] = bytes;
  const kind = IDENTITY_KINDS[kindAt];
  if (version !== VERSION || !kind) throw invalid(where, 'it was written by a newer version of kubeseal');
  const isPossible = threshold >= 2 && threshold <= total && index >= 1 && index <= total;
  if (bytes.length !== SHARE_BYTES || !isPossible) throw invalid(where, 'it is no share');
  const [set, check] = [0, ID_BYTES].map((at) => bytes.slice(HEAD_BYTES + at, HEAD_BYTES + at + ID_BYTES));
  const value = bytes.slice(HEAD_BYTES + 2 * ID_BYTES);
  return { kind, threshold, total, index, set: set ?? bytes, check: check ?? bytes, value };
}

function bytesOf(line: string, where: string): Bytes {
  try {
    const { prefix, words } = bech32m.decode(line.toLowerCase() as `${string}1${string}`, false);
    if (prefix === PREFIX) return new Uint8Array(bech32m.fromWords(words));
  } catch {
    // said below: the texts of the library quote what they read
  }
  throw invalid(where, 'it is damaged: its checksum is another one');
}

function invalid(where: string, reason: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', `cannot read the share in ${where}: ${reason}`);
}
