import forge from 'node-forge';
import type { Bytes } from './bytes.ts';
import { SealedSecretsError } from './errors.ts';
import { exportPrivateKey, importPublicKey, type KeyPair } from './keys.ts';
import { formatPem, parsePem } from './pem.ts';

/** What sealing needs to know of a certificate. */
export interface Certificate {
  readonly publicKey: CryptoKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What goes into a new certificate. */
export interface CertificateRequest {
  /** Empty for an empty distinguished name, upstream's default. */
  readonly commonName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * A self-signed certificate as upstream makes them: X.509 v3, SHA256-RSA, random 128-bit serial, CA:TRUE,
 * keyUsage encipherOnly (RFC 5280 §4.2.1.3). PEM, one block.
 */
export async function createCertificate(keyPair: KeyPair, request: CertificateRequest): Promise<string> {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forgePublicKey(keyPair);
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = request.notBefore;
  certificate.validity.notAfter = request.notAfter;
  const subject = subjectOf(request.commonName);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', encipherOnly: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return formatPem('CERTIFICATE', await sign(certificate, keyPair));
}

/**
 * Reads the first certificate of a PEM text; other blocks are skipped. Whether it has expired is the caller's to judge.
 *
 * @throws ERR_CERTIFICATE_INVALID when there is none, it cannot be read, or its key is not RSA
 */
export async function parseCertificate(pem: string): Promise<Certificate> {
  const block = parsePem(pem).find(({ label }) => label === 'CERTIFICATE');
  if (!block) {
    throw new SealedSecretsError(
      'ERR_CERTIFICATE_INVALID',
      'data does not contain any valid RSA or ECDSA certificates',
    );
  }
  const { validity, publicKey } = readCertificate(block.bytes);
  const spki = toBytes(forge.asn1.toDer(forge.pki.publicKeyToAsn1(publicKey)));
  return {
    publicKey: await importPublicKey(spki),
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
  };
}

function readCertificate(der: Bytes): forge.pki.Certificate {
  try {
    return forge.pki.certificateFromAsn1(forge.asn1.fromDer(toForge(der)));
  } catch (cause) {
    const isOtherKey = cause instanceof Error && cause.message.includes('OID is not RSA');
    const message = isOtherKey
      ? 'expected RSA public key but found another kind of key'
      : 'the certificate cannot be read';
    throw new SealedSecretsError('ERR_CERTIFICATE_INVALID', message, { cause });
  }
}

/** UTF-8, where forge would write a PrintableString; its types lack the wider tag. */
function subjectOf(commonName: string): forge.pki.CertificateField[] {
  const field = { name: 'commonName', value: commonName, valueTagClass: forge.asn1.Type.UTF8 };
  return commonName ? [field as unknown as forge.pki.CertificateField] : [];
}

/** A function that forge exports and its types leave out. */
interface TbsEncoder {
  getTBSCertificate(certificate: forge.pki.Certificate): forge.asn1.Asn1;
}

/** Signs with Web Crypto: native and constant-time, which forge's own RSA is not. */
async function sign(certificate: forge.pki.Certificate, keyPair: KeyPair): Promise<Bytes> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('pkcs8', keyPair.pkcs8, algorithm, false, ['sign']);
  const oid = forge.pki.oids['sha256WithRSAEncryption'] ?? '';
  const unsigned = certificate as forge.pki.Certificate & { tbsCertificate: forge.asn1.Asn1 };
  unsigned.siginfo.algorithmOid = oid;
  unsigned.signatureOid = oid;
  unsigned.tbsCertificate = (forge.pki as unknown as TbsEncoder).getTBSCertificate(certificate);
  const tbs = toBytes(forge.asn1.toDer(unsigned.tbsCertificate));
  unsigned.signature = toForge(new Uint8Array(await crypto.subtle.sign(algorithm.name, key, tbs))).getBytes();
  return toBytes(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)));
}

function forgePublicKey(keyPair: KeyPair): forge.pki.rsa.PublicKey {
  const { n, e } = forge.pki.privateKeyFromPem(exportPrivateKey(keyPair));
  return forge.pki.setRsaPublicKey(n, e);
}

/** 128 random bits as hex; the top bit is cleared so that DER needs no extra byte, the next set so that it is never short. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toForge(bytes: Uint8Array): forge.util.ByteStringBuffer {
  return forge.util.createBuffer(forge.util.binary.raw.encode(bytes));
}

function toBytes(buffer: forge.util.ByteStringBuffer): Bytes {
  return new Uint8Array(forge.util.binary.raw.decode(buffer.getBytes()));
}
