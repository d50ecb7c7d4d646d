import type { Opener } from '@fuin/crypto-core/v2';
import { decryptGcm } from './gcm.ts';
import { expand, hmac } from './kdf.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const NO_SALT = Buffer.alloc(32);
/** MLKEM768-X25519, HKDF-SHA256, AES-256-GCM (RFC 9180 §5.1). */
const SUITE_ID = Buffer.concat([Buffer.from('HPKE'), Buffer.from('647a00010002', 'hex')]);
const VERSION = Buffer.from('HPKE-v1');
const BASE_MODE = Buffer.of(0);
const [INFO_HASH, SECRET, KEY, BASE_NONCE] = ['info_hash', 'secret', 'key', 'base_nonce'].map((label) =>
  Buffer.concat([VERSION, SUITE_ID, Buffer.from(label)]),
) as [Buffer, Buffer, Buffer, Buffer];
/** There is no pre-shared key in base mode, so its id is always empty. */
const PSK_ID_HASH = hmac(NO_SALT, VERSION, SUITE_ID, Buffer.from('psk_id_hash'));

/**
 * The opening of one message in base mode (RFC 9180 §5.1, §5.2), in one go: HPKE by promises takes longer
 * than its cryptography.
 */
export const nativeOpener: Opener = async (secret, ciphertext, info) => {
  const context = Buffer.concat([BASE_MODE, PSK_ID_HASH, hmac(NO_SALT, INFO_HASH, info)]);
  const prk = hmac(secret, SECRET);
  const key = labeledExpand(prk, KEY, context, KEY_BYTES);
  const nonce = labeledExpand(prk, BASE_NONCE, context, NONCE_BYTES);
  prk.fill(0);
  try {
    return decryptGcm(ciphertext, { key, nonce });
  } finally {
    key.fill(0);
  }
};

/** LabeledExpand (RFC 9180 §4). */
function labeledExpand(prk: Uint8Array, label: Buffer, info: Buffer, length: number) {
  return expand(prk, Buffer.concat([Buffer.of(length >> 8, length & 0xff), label, info]), length);
}
