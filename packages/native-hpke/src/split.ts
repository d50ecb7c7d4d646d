import { createPublicKey, diffieHellman, type KeyObject, randomBytes } from 'node:crypto';
import type { Decapsulate } from '@fuin/crypto-core/v2';
import {
  CURVE_BYTES,
  combine,
  curvePublic,
  DER,
  PQ_CIPHERTEXT_BYTES,
  PQ_PUBLIC_BYTES,
  privateFrom,
  rawPublic,
} from './halves.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Draws the X25519 half of a key pair whose ML-KEM half is elsewhere; both keys have 32 bytes. */
export function drawCurveHalf(): { readonly privateKey: Bytes; readonly publicKey: Bytes } {
  const privateKey = Uint8Array.from(randomBytes(CURVE_BYTES));
  const publicKey = createPublicKey(privateFrom(DER.curvePrivate, privateKey));
  return { privateKey, publicKey: Uint8Array.from(rawPublic(publicKey)) };
}

/**
 * The KEM with its X25519 half here and its ML-KEM half elsewhere. The half that is here comes first: where
 * it refuses, nobody is asked.
 *
 * @param publicKey of the whole pair: 1,216 bytes
 * @param decapsulatePq gives the secret of ML-KEM-768, which is zeroed; null for what is no ciphertext
 * @returns null where the private key, of 32 bytes, is not that of the public key's X25519 half
 */
export function splitDecapsulation(
  privateKey: Uint8Array,
  publicKey: Uint8Array,
  decapsulatePq: (ciphertext: Bytes) => Promise<Bytes | null>,
): Decapsulate | null {
  if (privateKey.length !== CURVE_BYTES) return null;
  const curve = privateFrom(DER.curvePrivate, privateKey);
  if (!rawPublic(createPublicKey(curve)).equals(publicKey.subarray(PQ_PUBLIC_BYTES))) return null;
  return async (encapsulation) => {
    const point = encapsulation.subarray(PQ_CIPHERTEXT_BYTES);
    const shared = agreed(curve, point);
    const pqSecret = shared && (await decapsulatePq(encapsulation.slice(0, PQ_CIPHERTEXT_BYTES)));
    return shared && pqSecret && combine(pqSecret, shared, point, publicKey);
  };
}

/**
 * The KEM with both halves elsewhere. An X25519 point with which no secret can be agreed is refused here, as
 * by a key that is here: nobody is asked, and no service decides what opens.
 *
 * @param decapsulate gives the secret of the KEM; null for what is no encapsulation
 */
export function heldDecapsulation(decapsulate: Decapsulate): Decapsulate {
  const probe = privateFrom(DER.curvePrivate, randomBytes(CURVE_BYTES));
  return async (encapsulation) => {
    const shared = agreed(probe, encapsulation.subarray(PQ_CIPHERTEXT_BYTES));
    return shared && decapsulate(encapsulation);
  };
}

/** Null for a point of low order, with which no secret is agreed (RFC 7748 §6.1). */
function agreed(privateKey: KeyObject, point: Uint8Array): Buffer | null {
  try {
    return diffieHellman({ privateKey, publicKey: curvePublic(point) });
  } catch {
    return null;
  }
}
