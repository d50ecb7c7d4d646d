// Over 200 lines: what writes a message and what reads it must agree, and stand side by side.
import {
  type CipherGCM,
  constants,
  createCipheriv,
  createDecipheriv,
  type DecipherGCM,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { type Bytes, formatPem, parsePem, SealedSecretsError } from '@fuin/crypto-core';
import { DER, type DerElement, readDerSequence, writeDer } from '@fuin/crypto-core/x509';

/** RFC 7468 §9. */
const LABEL = 'CMS';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** Tags of DER that keys and certificates do not use. */
const TAG = { oid: 0x06, null: 0x05, set: 0x31, context0: 0xa0, context1: 0xa1, content: 0x80 } as const;
const VERSION_0 = writeDer(DER.integer, Uint8Array.of(0));
/** id-ct-authEnvelopedData (RFC 5083 §2). */
const AUTH_ENVELOPED = oid('2a864886f70d0109100117');
/** id-data (RFC 5652 §4). */
const PLAIN_DATA = oid('2a864886f70d010701');
/** id-aes256-GCM (RFC 5084 §3.2). */
const AES_256_GCM = oid('60864801650304012e');
const SHA_256 = oid('608648016503040201');
/** OpenSSL leaves the empty parameters of SHA-256 out, others write them (RFC 4055 §2.1). */
const [OAEP_SHA_256, OAEP_SHA_256_NULL] = [oaepWith(SHA_256), oaepWith(SHA_256, writeDer(TAG.null))] as const;
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/** Whether bytes are a CMS message in PEM. */
export function isCmsFile(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').trimStart();
  return start.startsWith(`-----BEGIN ${LABEL}-----`);
}

/**
 * Encrypts for the keys of certificates: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM, and RSAES-OAEP
 * with SHA-256 for each recipient, in PEM. `openssl cms -decrypt -inform PEM -inkey KEY` opens it.
 *
 * @param certificates in DER, with RSA keys
 */
export function encryptToCertificates(certificates: readonly Uint8Array[], plaintext: Uint8Array): string {
  const key = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  try {
    const cipher: CipherGCM = createCipheriv(CIPHER, key, nonce);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const recipients = certificates.map((each) => keyForRecipient(each, key));
    const content = writeDer(
      DER.sequence,
      PLAIN_DATA,
      writeDer(DER.sequence, AES_256_GCM, gcmWith(nonce)),
      writeDer(TAG.content, ciphertext),
    );
    const enveloped = writeDer(
      DER.sequence,
      VERSION_0,
      writeDer(TAG.set, ...recipients.sort(Buffer.compare)),
      content,
      writeDer(DER.octetString, cipher.getAuthTag()),
    );
    return formatPem(LABEL, writeDer(DER.sequence, AUTH_ENVELOPED, writeDer(TAG.context0, enveloped)));
  } finally {
    key.fill(0);
  }
}

/** KeyTransRecipientInfo (RFC 5652 §6.2.1) that names the certificate by issuer and serial number. */
function keyForRecipient(certificate: Uint8Array, key: Uint8Array): Bytes {
  const wrapped = publicEncrypt({ key: new X509Certificate(certificate).publicKey, ...OAEP }, key);
  const recipient = writeDer(DER.sequence, ...issuerAndSerialOf(new Uint8Array(certificate)));
  return writeDer(DER.sequence, VERSION_0, recipient, OAEP_SHA_256, writeDer(DER.octetString, wrapped));
}

/** TBSCertificate (RFC 5280 §4.1): version where it is not 1, serial number, algorithm, issuer. */
function issuerAndSerialOf(certificate: Bytes): [Bytes, Bytes] {
  const [tbs] = insideOf(certificate, DER.sequence);
  const elements = tbs ? insideOf(tbs.encoded, DER.sequence) : [];
  const [serial, , issuer] = elements[0]?.tag === DER.version ? elements.slice(1) : elements;
  if (serial?.tag !== DER.integer || issuer?.tag !== DER.sequence) throw invalid();
  return [issuer.encoded, serial.encoded];
}

/** How many recipients a message in PEM has. @throws ERR_KEY_INVALID */
export function countCmsRecipients(pem: string): number {
  return readMessage(pem).wrappedKeys.length;
}

/**
 * Opens what `encryptToCertificates` or `openssl cms -encrypt -aes-256-gcm` with OAEP and SHA-256 wrote.
 *
 * @returns undefined where no key opens it
 * @throws ERR_KEY_INVALID for what is no such message
 */
export function decryptCms(keys: readonly KeyObject[], pem: string): Bytes | undefined {
  const message = readMessage(pem);
  for (const key of keys)
    for (const wrapped of message.wrappedKeys) {
      const contentKey = unwrapped(key, wrapped);
      const plaintext = contentKey && opened(message, contentKey);
      if (plaintext) return plaintext;
    }
  return undefined;
}

interface CmsMessage {
  readonly wrappedKeys: readonly Bytes[];
  readonly nonce: Bytes;
  readonly ciphertext: Bytes;
  readonly tag: Bytes;
}

/** Everything that is not exactly this shape is refused: attributes, other algorithms, shorter tags. */
function readMessage(pem: string): CmsMessage {
  const block = parsePem(pem).find(({ label }) => label === LABEL);
  if (!block) throw invalid();
  const [kind, explicit] = insideOf(block.bytes, DER.sequence);
  if (!kind || !explicit || !isSame(kind.encoded, AUTH_ENVELOPED)) throw invalid();
  const [enveloped, ...more] = insideOf(explicit.encoded, TAG.context0);
  if (!enveloped || more.length > 0) throw invalid();
  const [version, recipients, content, mac, ...others] = insideOf(enveloped.encoded, DER.sequence);
  if (!version || !recipients || !content || !mac || others.length > 0) throw invalid();
  if (!isSame(version.encoded, VERSION_0) || mac.tag !== DER.octetString || mac.content.length !== TAG_BYTES)
    throw invalid();
  const wrappedKeys = insideOf(recipients.encoded, TAG.set).flatMap(wrappedKeyIn);
  return { wrappedKeys, ...readContent(content), tag: mac.content };
}

/** The key for one recipient; nothing for recipients of kinds that are not read here. */
function wrappedKeyIn({ tag, encoded }: DerElement): Bytes[] {
  if (tag !== DER.sequence) return [];
  const [version, recipient, algorithm, wrapped, ...others] = insideOf(encoded, DER.sequence);
  if (!version || !recipient || !algorithm || wrapped?.tag !== DER.octetString || others.length > 0)
    throw invalid();
  const isNamed = isSame(version.encoded, VERSION_0) && recipient.tag === DER.sequence;
  const isOaep = [OAEP_SHA_256, OAEP_SHA_256_NULL].some((each) => isSame(algorithm.encoded, each));
  return isNamed && isOaep ? [wrapped.content] : [];
}

function readContent({ encoded }: DerElement): Pick<CmsMessage, 'nonce' | 'ciphertext'> {
  const [kind, algorithm, content, ...others] = insideOf(encoded, DER.sequence);
  if (!kind || !algorithm || content?.tag !== TAG.content || others.length > 0) throw invalid();
  if (!isSame(kind.encoded, PLAIN_DATA)) throw invalid();
  const [cipher, parameters] = insideOf(algorithm.encoded, DER.sequence);
  if (!cipher || !parameters || !isSame(cipher.encoded, AES_256_GCM)) throw invalid();
  const [nonce] = insideOf(parameters.encoded, DER.sequence);
  if (nonce?.content.length !== NONCE_BYTES || !isSame(parameters.encoded, gcmWith(nonce.content)))
    throw invalid();
  return { nonce: nonce.content, ciphertext: content.content };
}

function unwrapped(key: KeyObject, wrapped: Bytes): Buffer | undefined {
  try {
    const contentKey = privateDecrypt({ key, ...OAEP }, wrapped);
    return contentKey.length === KEY_BYTES ? contentKey : undefined;
  } catch {
    return undefined; // it is for another recipient, or damaged
  }
}

function opened({ nonce, ciphertext, tag }: CmsMessage, key: Buffer): Bytes | undefined {
  try {
    const decipher: DecipherGCM = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(tag);
    return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
  } catch {
    return undefined;
  } finally {
    key.fill(0);
  }
}

/** The elements inside of the one element that the bytes are. */
function insideOf(bytes: Bytes, tag: number): DerElement[] {
  const [outer, ...more] = readDerSequence(bytes);
  if (outer?.tag !== tag || more.length > 0) throw invalid();
  return readDerSequence(outer.content);
}

/** GCMParameters (RFC 5084 §3.2). */
function gcmWith(nonce: Uint8Array): Bytes {
  const tagLength = writeDer(DER.integer, Uint8Array.of(TAG_BYTES));
  return writeDer(DER.sequence, writeDer(DER.octetString, nonce), tagLength);
}

/** id-RSAES-OAEP (RFC 4055 §4.1) with the same hash for both purposes. */
function oaepWith(...hash: readonly Bytes[]): Bytes {
  const algorithm = writeDer(DER.sequence, ...hash);
  const mask = writeDer(DER.sequence, oid('2a864886f70d010108'), algorithm);
  const parameters = [writeDer(TAG.context0, algorithm), writeDer(TAG.context1, mask)];
  return writeDer(DER.sequence, oid('2a864886f70d010107'), writeDer(DER.sequence, ...parameters));
}

function oid(content: string): Bytes {
  return writeDer(TAG.oid, Buffer.from(content, 'hex'));
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.from(left).equals(right);
}

function invalid(): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', 'it is no message that kubeseal writes');
}
