import type { ObjectKey } from './types.ts';

/** A key as a text, `namespace/name`: for maps and messages. Neither part holds a slash (RFC 1123). */
export function keyText({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
