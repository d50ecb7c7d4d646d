import type { Bytes } from '../bytes.ts';

/** The API server refuses a Secret whose values have more bytes than this together. */
const MAX_SECRET_BYTES = 1 << 20;
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
const DNS_LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
const LABEL = new RegExp(`^${DNS_LABEL}$`);

/** Items that Secrets of a type need; of several in one list, one is enough. */
const NEEDED_ITEMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'kubernetes.io/tls': [['tls.crt'], ['tls.key']],
  'kubernetes.io/dockercfg': [['.dockercfg']],
  'kubernetes.io/dockerconfigjson': [['.dockerconfigjson']],
  'kubernetes.io/basic-auth': [['username', 'password']],
  'kubernetes.io/ssh-auth': [['ssh-privatekey']],
};
const JSON_ITEMS = ['.dockercfg', '.dockerconfigjson'];

/**
 * Whether an object can have this name (RFC 1123 subdomain, 253 characters at most).
 *
 * @example
 * ```js
 * import { isObjectName } from '@fuin/crypto-core';
 *
 * console.log(isObjectName('db.example'), isObjectName('DB')); // true false
 * ```
 */
export function isObjectName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && SUBDOMAIN.test(name);
}

/**
 * Whether a namespace can have this name (RFC 1123 label, 63 characters at most).
 *
 * @example
 * ```js
 * import { isNamespaceName } from '@fuin/crypto-core';
 *
 * console.log(isNamespaceName('shop'), isNamespaceName('shop.example')); // true false
 * ```
 */
export function isNamespaceName(name: string): boolean {
  return name.length <= MAX_LABEL_LENGTH && LABEL.test(name);
}

/**
 * Whether an item of a Secret can have this name: letters, digits, `-`, `_` and `.`, 253 at most, not `.` or
 * `..something`.
 *
 * @example
 * ```js
 * import { isItemName } from '@fuin/crypto-core';
 *
 * console.log(isItemName('tls.crt'), isItemName('pass word')); // true false
 * ```
 */
export function isItemName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && /^[-._a-zA-Z0-9]+$/.test(name) && !/^\.(\.|$)/.test(name);
}

/**
 * Whether a label or an annotation can have this key: a name of 63 characters at most, behind
 * an optional DNS subdomain and a slash.
 *
 * @example
 * ```js
 * import { isMetadataKey } from '@fuin/crypto-core';
 *
 * console.log(isMetadataKey('app.kubernetes.io/name'), isMetadataKey('a b')); // true false
 * ```
 */
export function isMetadataKey(key: string): boolean {
  const [, prefix, name = ''] = /^(?:([^/]*)\/)?([^/]*)$/.exec(key) ?? [];
  return (prefix === undefined || isObjectName(prefix)) && name !== '' && isLabelValue(name);
}

/**
 * Whether a label can have this value: empty, or 63 letters, digits, `-`, `_` and `.` at most, the first and
 * the last a letter or digit.
 *
 * @example
 * ```js
 * import { isLabelValue } from '@fuin/crypto-core';
 *
 * console.log(isLabelValue('v1.2'), isLabelValue('a b')); // true false
 * ```
 */
export function isLabelValue(value: string): boolean {
  return value.length <= MAX_LABEL_LENGTH && /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/.test(value);
}

/**
 * Whether the API server accepts a Secret with this many bytes in all its values.
 *
 * @example
 * ```js
 * import { fitsIntoSecret } from '@fuin/crypto-core';
 *
 * console.log(fitsIntoSecret(1_048_576), fitsIntoSecret(1_048_577)); // true false
 * ```
 */
export function fitsIntoSecret(bytes: number): boolean {
  return bytes <= MAX_SECRET_BYTES;
}

/**
 * What a Secret lacks that its type needs, one sentence each; empty for a type that needs nothing.
 *
 * @example
 * ```js
 * import { missingForType } from '@fuin/crypto-core';
 *
 * const items = new Map([['tls.crt', new Uint8Array()]]);
 * const [lack] = missingForType('kubernetes.io/tls', items);
 * console.log(lack); // type kubernetes.io/tls needs the item tls.key
 * ```
 */
export function missingForType(type: string | undefined, items: ReadonlyMap<string, Bytes>): string[] {
  const needed = Object.hasOwn(NEEDED_ITEMS, type ?? '') ? (NEEDED_ITEMS[type ?? ''] ?? []) : [];
  const missing = needed.filter((names) => !names.some((name) => items.has(name)));
  const unreadable = needed.flat().filter((name) => JSON_ITEMS.includes(name) && isNotJson(items.get(name)));
  return [
    ...missing.map((names) => `type ${type} needs the item ${names.join(' or ')}`),
    ...unreadable.map((name) => `the item ${name} must be JSON`),
  ];
}

function isNotJson(bytes: Bytes | undefined): boolean {
  if (bytes === undefined) return false;
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return false;
  } catch {
    return true;
  }
}
