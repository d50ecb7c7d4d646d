import { type Bytes, concatBytes } from '../bytes.ts';

const LENGTH_BYTES = 4;
const SMALLEST = 64;
/** Up to here a bucket is a power of two; above, there are eight buckets between two powers of two. */
const LARGEST_POWER = 1024;

/**
 * The bucket for a payload: how long it is made, so that the length of a sealed value tells little of the
 * value (docs/wire-format-v2.md §4).
 *
 * @param bytes of the value, with its length of 4 bytes
 */
export function bucketOf(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const power = 2 ** Math.ceil(Math.log2(bytes));
  if (bytes <= LARGEST_POWER) return power;
  const step = power / 16;
  return Math.ceil(bytes / step) * step;
}

/** The value with its length before it and zeros behind it, as long as its bucket. */
export function pad(value: Uint8Array): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, value.length);
  const used = LENGTH_BYTES + value.length;
  return concatBytes(length, value, new Uint8Array(bucketOf(used) - used));
}

/** The value in a payload; null for one that pad does not make. */
export function unpad(payload: Bytes): Bytes | null {
  if (payload.length < LENGTH_BYTES) return null;
  const length = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  const end = LENGTH_BYTES + length;
  if (bucketOf(end) !== payload.length) return null; // no bucket is smaller than what it is for
  const isZero = payload.subarray(end).every((byte) => byte === 0);
  return isZero ? payload.slice(LENGTH_BYTES, end) : null;
}
