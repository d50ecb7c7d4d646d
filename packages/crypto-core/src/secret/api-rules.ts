import type { Bytes } from '../bytes.ts';

/** More than this in all values of a Secret is refused by the API server. */
const MAX_SECRET_BYTES = 1 << 20;
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
const DNS_LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
const LABEL = new RegExp(`^${DNS_LABEL}$`);

/** Items that Secrets of a type need; of several in one row, one is enough. */
const NEEDED_ITEMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'kubernetes.io/tls': [['tls.crt'], ['tls.key']],
  'kubernetes.io/dockercfg': [['.dockercfg']],
  'kubernetes.io/dockerconfigjson': [['.dockerconfigjson']],
  'kubernetes.io/basic-auth': [['username', 'password']],
  'kubernetes.io/ssh-auth': [['ssh-privatekey']],
};
const JSON_ITEMS = ['.dockercfg', '.dockerconfigjson'];

/** Whether an object can have this name (RFC 1123 subdomain). */
export function isObjectName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && SUBDOMAIN.test(name);
}

/** Whether a namespace can have this name (RFC 1123 label). */
export function isNamespaceName(name: string): boolean {
  return name.length <= MAX_LABEL_LENGTH && LABEL.test(name);
}

/** Whether an item of a Secret can have this name. */
export function isItemName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && /^[-._a-zA-Z0-9]+$/.test(name) && !/^\.(\.|$)/.test(name);
}

/** Whether the API server takes a Secret with so many bytes of values. */
export function fitsIntoSecret(bytes: number): boolean {
  return bytes <= MAX_SECRET_BYTES;
}

/** What is missing for the type of a Secret, in words; nothing for a type that needs nothing. */
export function missingForType(type: string | undefined, items: ReadonlyMap<string, Bytes>): string[] {
  const needed = Object.hasOwn(NEEDED_ITEMS, type ?? '') ? (NEEDED_ITEMS[type ?? ''] ?? []) : [];
  const missing = needed.filter((names) => !names.some((name) => items.has(name)));
  const unreadable = needed.flat().filter((name) => JSON_ITEMS.includes(name) && isNoJson(items.get(name)));
  return [
    ...missing.map((names) => `type ${type} needs the item ${names.join(' or ')}`),
    ...unreadable.map((name) => `the item ${name} has to be JSON`),
  ];
}

function isNoJson(bytes: Bytes | undefined): boolean {
  if (bytes === undefined) return false;
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return false;
  } catch {
    return true;
  }
}
