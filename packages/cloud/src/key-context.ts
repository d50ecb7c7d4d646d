import { type Bytes, encodeUtf8 } from '@fuin/crypto-core';

/** Which sealing key a data key belongs to: it opens under this context only. */
export interface KeyContext {
  /** Of the key Secret. */
  readonly namespace: string;
  /** Of the key Secret. */
  readonly name: string;
  /** Of the sealing key, `SHA256:...`. */
  readonly fingerprint: string;
}

const DOMAIN = 'fuin wrapped key v1';

/**
 * The context as bytes: each part with its length before it (4 bytes, big-endian), so that no two contexts
 * give the same bytes. The first part separates them from all other uses of a key of the service.
 *
 * @param more what else belongs to it, such as the item that is encrypted
 */
export function contextBytes(
  { namespace, name, fingerprint }: KeyContext,
  ...more: readonly string[]
): Bytes {
  const parts = [DOMAIN, namespace, name, fingerprint, ...more].map(encodeUtf8);
  const bytes = new Uint8Array(parts.reduce((size, part) => size + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const part of parts) {
    view.setUint32(offset, part.length);
    bytes.set(part, offset + 4);
    offset += 4 + part.length;
  }
  return bytes;
}
