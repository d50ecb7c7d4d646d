/**
 * Every reason why Fuin refuses something: one row per code, never renamed or reused. docs/errors.md explains
 * each. Programs map codes to exit codes, HTTP statuses and retry rules, and never parse messages.
 */
export const ERROR_CODES = {
  ERR_MANIFEST_INVALID: 'the object is not a readable Secret or SealedSecret',
  ERR_ENVELOPE_MALFORMED: 'a sealed value is not base64 or ends too early',
  ERR_NO_KEY_OPENS_VALUE: 'no sealing key opens a sealed value under its name, namespace and scope',
  ERR_FORMAT_FORBIDDEN: 'a sealed value has an older format than is accepted in its namespace',
  ERR_VALUE_EXPIRED: 'a sealed value is past its expiry',
  ERR_SIGNER_REQUIRED: 'no allowed signer vouches for the SealedSecret, and its namespace asks for one',
  ERR_SIGNERS_UNREADABLE:
    'the file of allowed signers cannot be used, so nobody can vouch for a SealedSecret whose namespace asks for it',
  ERR_TEMPLATE_INVALID: 'a template of the SealedSecret cannot be rendered',
  ERR_KEY_INVALID: 'a private or public key cannot be read or is of a kind that cannot be used',
  ERR_CERTIFICATE_INVALID: 'a certificate cannot be read, is for a key that cannot be used or has expired',
  ERR_KEY_SECRET_INVALID: 'a sealing-key Secret holds no usable key pair',
  ERR_SECRET_NOT_OWNED: 'a Secret of that name exists and belongs to something else',
  ERR_SECRET_IMMUTABLE: 'the existing Secret is immutable and differs',
  ERR_SECRET_TYPE_FORBIDDEN:
    'the SealedSecret asks for a Secret that grants more than it holds: a token type, or a sealing key',
  ERR_API_UNAVAILABLE: 'the API server or the controller cannot be reached or cannot answer now',
  ERR_API_REJECTED: 'the API server understood the request and refused it',
  ERR_KEY_SERVICE_UNAVAILABLE: 'the service that wraps sealing keys cannot be reached or cannot answer now',
  ERR_KEY_SERVICE_REJECTED: 'the service that wraps sealing keys refused, or is not configured',
  ERR_NAMESPACE_TERMINATING: 'the namespace is being deleted, so nothing new can be created in it',
  ERR_OBJECT_TOO_LARGE: 'the API server cannot store an object of that size',
  ERR_AUDIT_UNAVAILABLE: 'the audit log cannot be written, and nothing may happen without it',
  ERR_CONFLICT: 'the object changed between reading and writing',
  ERR_FINDINGS: 'a check found something that must not stay so',
  ERR_USAGE: 'the command line contradicts itself or lacks something',
} as const;

/** A code of the table. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** One failing item of a SealedSecret. `message` never holds plaintext, key material or ciphertext. */
export interface ItemFailure {
  readonly item: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What an error may carry beside its message: the failing items, a hint for a person, the cause for logs. */
export interface ErrorDetails {
  readonly items?: readonly ItemFailure[];
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class. `message` is safe to show to anyone: it names object and item, never plaintext, key
 * material or ciphertext. `cause` is for local logs only.
 *
 * @example
 * ```js
 * import { parseSecret } from '@fuin/crypto-core';
 * import { SealedSecretsError } from '@fuin/crypto-core/errors';
 *
 * try {
 *   parseSecret({ metadata: { name: 5 } });
 * } catch (error) {
 *   console.log(error instanceof SealedSecretsError, error.code); // true ERR_MANIFEST_INVALID
 *   console.log(error.message); // metadata.name is not a string
 * }
 * ```
 */
export class SealedSecretsError extends Error {
  override readonly name = 'SealedSecretsError';
  readonly code: ErrorCode;
  readonly items: readonly ItemFailure[];
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.items = details.items ?? [];
    this.hint = details.hint;
  }

  /** The same error with this hint instead of its own. */
  withHint(hint: string): SealedSecretsError {
    const { code, message, items, cause } = this;
    return new SealedSecretsError(code, message, { items, hint, cause });
  }
}

/**
 * The name of an item as it may stand in a message. Names may come from an attacker: one that no Secret can
 * have is quoted and cut at 253 characters, so that it cannot forge log lines.
 *
 * @example
 * ```js
 * import { printable } from '@fuin/crypto-core';
 *
 * console.log(printable('password')); // password
 * console.log(printable('a\nb')); // "a\nb"
 * ```
 */
export function printable(item: string): string {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(item) ? item : visible(JSON.stringify(item.slice(0, 253)));
}

/**
 * The string with escapes for every character that a terminal or a log reader obeys instead of showing it:
 * control characters except line feeds, format characters (they reverse text or hide in it), and the other
 * line ends.
 *
 * @example
 * ```js
 * import { visible } from '@fuin/crypto-core';
 *
 * console.log(visible('red \u001b[31m')); // red \u001b[31m
 * ```
 */
export function visible(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

/** Which reasons come first, in the order of the table; others come last. */
const FIRST_CODES: readonly ErrorCode[] = [
  'ERR_MANIFEST_INVALID',
  'ERR_ENVELOPE_MALFORMED',
  'ERR_NO_KEY_OPENS_VALUE',
  'ERR_FORMAT_FORBIDDEN',
  'ERR_VALUE_EXPIRED',
  'ERR_TEMPLATE_INVALID',
  'ERR_KEY_INVALID',
];
const rankOf = ({ code }: ItemFailure) => {
  const rank = FIRST_CODES.indexOf(code);
  return rank < 0 ? FIRST_CODES.length : rank;
};

/**
 * How many items a message lists: no more than a person reads. `items` of the error holds all that were
 * tried.
 */
export const MAX_LISTED_ITEMS = 20;

/**
 * Folds the failures of several items into one error, in upstream's words: equal messages are grouped as
 * `message (a, b)`, different ones stand on lines of their own. Unlike upstream's, the order is sorted, and
 * only the first 20 items are listed.
 * Its code is the first in table order among those of the items: a malformed value waits for a change even
 * when another item only lacks its key.
 *
 * @param untried how many other items were not tried because these failed
 * @example
 * ```js
 * import { itemsError } from '@fuin/crypto-core';
 *
 * const error = itemsError([
 *   { item: 'user', code: 'ERR_NO_KEY_OPENS_VALUE', message: 'no key could decrypt secret' },
 *   { item: 'password', code: 'ERR_NO_KEY_OPENS_VALUE', message: 'no key could decrypt secret' },
 * ]);
 * console.log(error.message); // no key could decrypt secret (password, user)
 * ```
 */
export function itemsError(failures: readonly ItemFailure[], untried = 0): SealedSecretsError {
  const byCode = [...failures].sort((a, b) => rankOf(a) - rankOf(b) || (a.item < b.item ? -1 : 1));
  const groups = Map.groupBy(byCode.slice(0, MAX_LISTED_ITEMS), ({ message }) => message);
  const lines = [...groups].map(
    ([message, items]) => `${message} (${items.map(({ item }) => printable(item)).join(', ')})`,
  );
  if (byCode.length > MAX_LISTED_ITEMS) lines.push(`and ${byCode.length - MAX_LISTED_ITEMS} more items`);
  if (untried > 0) lines.push(`and ${untried} more not tried`);
  return new SealedSecretsError(byCode[0]?.code ?? 'ERR_MANIFEST_INVALID', lines.join('\n'), {
    items: byCode,
  });
}
