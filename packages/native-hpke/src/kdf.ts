import { createHmac } from 'node:crypto';
import type { KDF, KDFFactory } from 'hpke';

const HASH_BYTES = 32;
const NO_SALT = Buffer.alloc(HASH_BYTES);

/** HKDF-SHA256 (RFC 5869) by node:crypto. */
export const nativeKdf: KDFFactory = () => HKDF_SHA256;

const HKDF_SHA256: KDF = {
  id: 0x0001,
  type: 'KDF',
  name: 'HKDF-SHA256',
  Nh: HASH_BYTES,
  stages: 2,
  Extract: async (salt, ikm) => hmac(salt.length === 0 ? NO_SALT : salt, ikm),
  Expand: async (prk, info, length) => expand(prk, info, length),
  Derive: async () => {
    throw new Error('HKDF has two stages');
  },
};

/** HKDF-Expand (RFC 5869 §2.3). */
export function expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (let count = 1; blocks.length * HASH_BYTES < length; count += 1)
    blocks.push(hmac(prk, ...blocks.slice(-1), info, Uint8Array.of(count)));
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, length));
}

/** HMAC-SHA256 over all parts. */
export function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return Uint8Array.from(mac.digest());
}
