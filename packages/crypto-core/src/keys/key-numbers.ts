import { type Bytes, encodeHex } from '../bytes.ts';
import { readDer, readDerSequence } from './der.ts';

/**
 * Whether the numbers of a private key fit together (RFC 8017 §3.2). Some runtimes open values with a key of
 * which some numbers do not fit, slowly or by luck; others refuse such a key, so nothing may be sealed for
 * it.
 *
 * @param pkcs1 RSAPrivateKey in DER (RFC 8017 appendix A.1.2)
 * @throws ERR_KEY_INVALID when it is not DER
 */
export function hasConsistentNumbers(pkcs1: Bytes): boolean {
  const integers = readDerSequence(readDer(pkcs1).content).map(({ content }) => toBigInt(content));
  // a number that is missing counts as 0, which fits nothing
  const [, n = 0n, e = 0n, d = 0n, p = 0n, q = 0n, dP = 0n, dQ = 0n, qInv = 0n] = integers;
  if (p <= 1n || q <= 1n) return false;
  return (
    n === p * q &&
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    dP === d % (p - 1n) &&
    dQ === d % (q - 1n) &&
    (qInv * q) % p === 1n
  );
}

const MAX_EXPONENT = 2n ** 31n - 1n;

/**
 * Whether a public key is safe to seal for, in Go's bounds: with exponent 1 the ciphertext is the plaintext,
 * with an even exponent nobody can open it, and an even modulus is not the product of two large primes.
 *
 * @param modulus big-endian, as `exponent`
 */
export function areFitToSeal(modulus: Bytes, exponent: Bytes): boolean {
  const [n, e] = [toBigInt(modulus), toBigInt(exponent)];
  return n % 2n === 1n && e % 2n === 1n && e >= 3n && e <= MAX_EXPONENT;
}

function toBigInt(bytes: Bytes): bigint {
  return BigInt(`0x0${encodeHex(bytes)}`);
}
