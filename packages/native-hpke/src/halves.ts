import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export const PQ_PUBLIC_BYTES = 1184;
export const PQ_CIPHERTEXT_BYTES = 1088;
export const CURVE_BYTES = 32;
/** The label of the combiner: `\.//^\`, which looks like an X-Wing. */
const COMBINER_LABEL = Buffer.from('\\.//^\\');
/** What stands before the bytes of a key in DER: PKCS#8 (RFC 5958, RFC 8410, RFC 9935) and SPKI. */
export const DER = {
  pqPrivate: Buffer.from('3054020100300b06096086480165030404020442' + '8040', 'hex'),
  pqPublic: Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex'),
  curvePrivate: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  curvePublic: Buffer.from('302a300506032b656e032100', 'hex'),
};

/** The secret of both halves: SHA3-256 over both, the ephemeral point, the recipient's point and a label. */
export function combine(
  pqSecret: Uint8Array,
  curveSecret: Uint8Array,
  point: Uint8Array,
  recipient: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const hash = createHash('sha3-256').update(pqSecret).update(curveSecret).update(point);
  const secret = hash.update(recipient.subarray(PQ_PUBLIC_BYTES)).update(COMBINER_LABEL).digest();
  pqSecret.fill(0);
  curveSecret.fill(0);
  return Uint8Array.from(secret);
}

/** @param bytes the caller zeroes them */
export function privateFrom(prefix: Buffer, bytes: Uint8Array): KeyObject {
  const key = Buffer.concat([prefix, bytes]);
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  } finally {
    key.fill(0);
  }
}

export function curvePublic(point: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([DER.curvePublic, point]), format: 'der', type: 'spki' });
}

/** The bytes of a public key without the DER before them. */
export function rawPublic(key: KeyObject): Buffer {
  const { curvePublic: curve, pqPublic: pq } = DER;
  return key
    .export({ format: 'der', type: 'spki' })
    .subarray(key.asymmetricKeyType === 'x25519' ? curve.length : pq.length);
}
