/** Castagnoli's polynomial, reflected. */
const POLYNOMIAL = 0x82f63b78;

/**
 * CRC-32C of some bytes (RFC 3720, appendix B.4), as Google's services check what was sent and received.
 * Bit by bit: it is for some hundred bytes.
 */
export function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
  }
  return ~rest >>> 0;
}
