import { type Bytes, decodeUtf8, encodeHex } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { Recipient } from '../value/key.ts';
import { DER, type DerElement, readDer, readDerSequence } from './der.ts';
import { parsePem } from './pem.ts';
import { RsaRecipient } from './rsa-recipient.ts';

/** What sealing needs to know of a certificate. */
export interface Certificate {
  /** The certificate and nothing else, in DER. */
  readonly der: Bytes;
  /** Seals for the key of the certificate; its id is the key's fingerprint. */
  readonly recipient: Recipient;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** rsaEncryption (RFC 8017 appendix A.1) as the content of an OBJECT IDENTIFIER. */
const RSA_OID = '2a864886f70d010101';
const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Reads the first certificate of a PEM string. Other blocks are skipped, and those with headers, like by
 * client-go. Whether it has expired is for the caller to judge; the signature is not checked, since a
 * certificate that somebody hands over is its own root of trust.
 *
 * @throws ERR_CERTIFICATE_INVALID when there is none, it cannot be read, or its key is not RSA
 * @example
 * ```js
 * import { generateKeyPair } from '@fuin/crypto-core';
 * import { createCertificate, parseCertificate } from '@fuin/crypto-core/x509';
 *
 * const notBefore = new Date('2026-01-01T00:00:00Z');
 * const notAfter = new Date('2036-01-01T00:00:00Z');
 * const pair = await generateKeyPair(2048);
 * const pem = await createCertificate(pair, { commonName: 'sealing', notBefore, notAfter });
 *
 * const certificate = await parseCertificate(pem);
 * console.log(certificate.recipient.id === pair.id); // true
 * console.log(certificate.notAfter.toISOString()); // 2036-01-01T00:00:00.000Z
 * ```
 */
export async function parseCertificate(pem: string): Promise<Certificate> {
  const block = parsePem(pem).find(({ label, hasHeaders }) => label === 'CERTIFICATE' && !hasHeaders);
  if (!block) throw invalid('data does not contain any valid RSA or ECDSA certificates');
  try {
    const { spki, notBefore, notAfter } = readCertificate(block.bytes);
    return { der: block.bytes, recipient: await RsaRecipient.ofSpki(spki), notBefore, notAfter };
  } catch (cause) {
    if (!(cause instanceof SealedSecretsError)) throw cause;
    if (cause.code === 'ERR_CERTIFICATE_INVALID') throw cause;
    throw invalid(`the certificate cannot be read: ${cause.message}`, cause);
  }
}

interface Parts {
  readonly spki: Bytes;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Walks RFC 5280 §4.1 with fixed depth, so that nesting in the input costs nothing. */
function readCertificate(der: Bytes): Parts {
  const certificate = readDer(der);
  if (certificate.end !== der.length) throw invalid('the certificate cannot be read: data follows it');
  const [tbs] = sequence(certificate);
  const fields = sequence(tbs);
  const hasVersion = fields[0]?.tag === DER.version; // absent in X.509 v1
  const [, , , validity, , spki] = hasVersion ? fields.slice(1) : fields;
  const [notBefore, notAfter] = sequence(validity).map(readTime);
  const [algorithm] = sequence(spki);
  const [oid] = sequence(algorithm);
  if (!spki || !oid || !notBefore || !notAfter) throw unreadable();
  if (encodeHex(oid.content) !== RSA_OID)
    throw invalid('expected RSA public key but found another kind of key');
  return { spki: spki.encoded, notBefore, notAfter };
}

function sequence(element: DerElement | undefined): DerElement[] {
  if (element?.tag !== DER.sequence) throw unreadable();
  return readDerSequence(element.content);
}

/** Time of RFC 5280 §4.1.2.5: UTCTime means 1950 to 2049. */
function readTime({ tag, content }: DerElement): Date {
  const isUtcTime = tag === DER.utcTime;
  const digits = (isUtcTime ? UTC_TIME : GENERALIZED_TIME).exec(decodeUtf8(content));
  if (!digits || !(isUtcTime || tag === DER.generalizedTime)) throw unreadable();
  const [, year = '', month, day, hour, minute, second] = digits;
  const century = year < '50' ? '20' : '19';
  const time = new Date(`${isUtcTime ? century : ''}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time.getTime())) throw unreadable();
  return time;
}

function unreadable(): SealedSecretsError {
  return invalid('the certificate cannot be read');
}

function invalid(message: string, cause?: unknown): SealedSecretsError {
  return new SealedSecretsError('ERR_CERTIFICATE_INVALID', message, { cause });
}
