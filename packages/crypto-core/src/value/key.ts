import type { Bytes } from '../bytes.ts';
import type { Envelope, ValueFormat } from './format-table.ts';

/**
 * Something that opens sealed values: a private key in this process, in a key service, in an HSM, of whatever
 * kind. Callers ask it and never reach into it.
 *
 * @example A key that counts its use
 * ```js
 * import { generateKeyPair, KeyRing, openValue } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * let uses = 0;
 * const counting = {
 *   id: pair.id,
 *   mayOpen: (envelope) => pair.mayOpen(envelope),
 *   open: (envelope, label, item) => {
 *     uses += 1;
 *     return pair.open(envelope, label, item);
 *   },
 * };
 * const label = new TextEncoder().encode('shop/db');
 * const sealed = await pair.seal(new TextEncoder().encode('hunter2'), label);
 * const opened = await openValue(sealed, KeyRing.of(counting), label);
 * console.log(new TextDecoder().decode(opened), uses); // hunter2 1
 * ```
 */
export interface Key {
  /**
   * Names the key in hints, logs and metrics; the same in every process. `SHA256:...` of an RSA key, `v2:`
   * and 32 hexadecimal digits of a key of format v2.
   */
  readonly id: string;
  /**
   * Whether it is worth trying, judged by what everyone sees of the value: false only where the key certainly
   * does not fit. Costs nothing and never throws.
   */
  mayOpen(envelope: Envelope): boolean;
  /**
   * Opens one value. Null says that the value cannot be opened with this key under this label, for whatever
   * reason: a wrong key, a wrong label and tampering look the same on purpose. A rejection is a fault of the
   * key itself (a key service that cannot be reached, say) and ends the opening, so that a fault is never
   * taken for a wrong key.
   *
   * @param label the encryptionLabel of the object's scope
   * @param item the name of the item, which counts only for a value that is bound to it
   */
  open(envelope: Envelope, label: Bytes, item: string): Promise<Bytes | null>;
}

/** What a sealer may add to one value, where its format can (docs/wire-format-v2.md §1). */
export interface SealTerms {
  /** The only item as which the value opens. */
  readonly item?: string;
  /** After this moment nobody should use the value. Whole seconds. */
  readonly expiresAt?: Date;
}

/**
 * Something that values are sealed for: the public half of one key, or several keys that can each open the
 * value.
 *
 * @example
 * ```js
 * import { encodeBase64, encryptionLabel, generateKeyPair } from '@fuin/crypto-core';
 * import { createCertificate, parseCertificate } from '@fuin/crypto-core/x509';
 *
 * const notBefore = new Date('2026-01-01T00:00:00Z');
 * const notAfter = new Date('2036-01-01T00:00:00Z');
 * const pair = await generateKeyPair(2048);
 * const pem = await createCertificate(pair, { commonName: 'sealing', notBefore, notAfter });
 *
 * const { recipient } = await parseCertificate(pem);
 * const label = encryptionLabel('strict', 'shop', 'db');
 * const sealed = await recipient.seal(new TextEncoder().encode('hunter2'), label);
 * console.log(recipient.id === pair.id, sealed.length); // true 281
 * ```
 */
export interface Recipient {
  /**
   * Names the key that opens what is sealed: the same as `id` of that Key. Of several keys it has the ids of
   * all, in ascending order, with a space between them.
   */
  readonly id: string;
  /** The format of the values that are sealed for it. */
  readonly format: ValueFormat;
  /**
   * Seals one value: gives the bytes of a whole envelope, different ones each time. `value` is left as it is.
   *
   * @param label the encryptionLabel of the object's scope
   * @throws ERR_KEY_INVALID when the runtime cannot encrypt for that recipient
   * @throws ERR_USAGE for terms that the format of the recipient cannot keep
   */
  seal(value: Uint8Array, label: Bytes, terms?: SealTerms): Promise<Bytes>;
}

/** A key together with the recipient that seals for it; both have the same id. */
export interface KeyPair extends Key, Recipient {}
