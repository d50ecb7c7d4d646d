import type Forge from 'node-forge';
import { type Bytes, encodeHex } from '../bytes.ts';
import { type Certifier, certifierOf, type RsaKeyPair } from './key-pair.ts';
import { formatPem } from './pem.ts';

export { type Certificate, parseCertificate } from './certificate.ts';
export { DER, type DerElement, readDerSequence, writeDer } from './der.ts';

/** What goes into a new certificate. */
export interface CertificateRequest {
  /** Of subject and issuer. Empty for an empty distinguished name, upstream's default. */
  readonly commonName: string;
  /** Of subject and issuer: RDN O. Left out where it is undefined. */
  readonly organization?: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /**
   * DNS names and IP addresses of a TLS server. If given, the certificate is one for such a server and not
   * one to seal with.
   */
  readonly serverNames?: readonly string[];
}

/**
 * A self-signed certificate like those of upstream: X.509 v3, SHA256-RSA, random 128-bit serial, CA:TRUE,
 * keyUsage encipherOnly (RFC 5280 §4.2.1.3). PEM, one block.
 *
 * @example
 * ```js
 * import { generateKeyPair } from '@fuin/crypto-core';
 * import { createCertificate } from '@fuin/crypto-core/x509';
 *
 * const notBefore = new Date('2026-01-01T00:00:00Z');
 * const notAfter = new Date('2036-01-01T00:00:00Z');
 * const pair = await generateKeyPair(2048);
 * const pem = await createCertificate(pair, { commonName: 'sealing', notBefore, notAfter });
 * console.log(pem.split('\n')[0]); // -----BEGIN CERTIFICATE-----
 * ```
 */
export async function createCertificate(keyPair: RsaKeyPair, request: CertificateRequest): Promise<string> {
  const { default: forge } = await import('node-forge'); // lazily: reading a certificate needs none of it
  const certificate = forge.pki.createCertificate();
  const certifier = await certifierOf(keyPair);
  certificate.publicKey = forge.pki.publicKeyFromAsn1(
    forge.asn1.fromDer(binary(certifier.spki)),
  ) as Forge.pki.rsa.PublicKey;
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = request.notBefore;
  certificate.validity.notAfter = request.notAfter;
  const subject = subjectOf(request, forge.asn1.Type.UTF8);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions(
    request.serverNames ? serverExtensions(request.serverNames) : [...SEALING_EXTENSIONS],
  );
  return formatPem('CERTIFICATE', await sign(certificate, certifier, forge));
}

const SEALING_EXTENSIONS: readonly object[] = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', encipherOnly: true, critical: true },
  { name: 'subjectKeyIdentifier' },
];
/** Kinds of GeneralName (RFC 5280 §4.2.1.6). */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** RFC 5280 §4.2.1.6 and §4.2.1.12: clients read the names here, not in the subject. */
function serverExtensions(names: readonly string[]): object[] {
  const altNames = names.map((name) =>
    /^[\d.]+$|:/.test(name) ? { type: IP_ADDRESS, ip: name } : { type: DNS_NAME, value: name },
  );
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'subjectKeyIdentifier' },
  ];
}

/** UTF-8, where forge would write a PrintableString; its types lack the wider tag. */
function subjectOf(
  { commonName, organization = '' }: CertificateRequest,
  valueTagClass: number,
): Forge.pki.CertificateField[] {
  return [
    { name: 'commonName', value: commonName, valueTagClass },
    { name: 'organizationName', value: organization, valueTagClass },
  ].filter(({ value }) => value !== '');
}

/** A function that forge exports and its types do not mention. */
interface TbsEncoder {
  getTBSCertificate(certificate: Forge.pki.Certificate): Forge.asn1.Asn1;
}

/** Signs with Web Crypto: native and constant-time, which forge's own RSA is not. */
async function sign(
  certificate: Forge.pki.Certificate,
  certifier: Certifier,
  { asn1, pki }: typeof Forge,
): Promise<Bytes> {
  const oid = pki.oids['sha256WithRSAEncryption'] ?? '';
  const unsigned = certificate as Forge.pki.Certificate & { tbsCertificate: Forge.asn1.Asn1 };
  unsigned.siginfo.algorithmOid = oid;
  unsigned.signatureOid = oid;
  unsigned.tbsCertificate = (pki as unknown as TbsEncoder).getTBSCertificate(certificate);
  const tbs = bytesOf(asn1.toDer(unsigned.tbsCertificate));
  unsigned.signature = binary(await certifier.sign(tbs));
  return bytesOf(asn1.toDer(pki.certificateToAsn1(certificate)));
}

/**
 * 128 random bits as hex; the top bit is cleared so that DER needs no extra byte, the next is set so that
 * none is lost.
 */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return encodeHex(bytes);
}

/** forge's form of bytes: a string of one character per byte. */
function binary(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function bytesOf(buffer: Forge.util.ByteStringBuffer): Bytes {
  return Uint8Array.from(buffer.getBytes(), (character) => character.charCodeAt(0));
}
