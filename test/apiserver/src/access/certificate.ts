import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

const { asn1 } = forge;
const { Class, Type } = asn1;

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const VALID_DAYS = 3650;

const sequence = (...items: forge.asn1.Asn1[]) => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, items);
const primitive = (type: forge.asn1.Type, value: string) => asn1.create(Class.UNIVERSAL, type, false, value);
const oid = (value: string) => primitive(Type.OID, asn1.oidToDer(value).getBytes());
const tagged = (tag: number, constructed: boolean, value: forge.asn1.Asn1[] | string) =>
  asn1.create(Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, constructed, value);
const octets = (value: forge.asn1.Asn1) => primitive(Type.OCTETSTRING, asn1.toDer(value).getBytes());
const boolean = (value: boolean) => primitive(Type.BOOLEAN, value ? '\u00ff' : '\u0000');

/** Key and certificate of a server, both PEM. The certificate is its own authority. */
export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
}

function nameOf(commonName: string): forge.asn1.Asn1 {
  const attribute = sequence(oid('2.5.4.3'), primitive(Type.UTF8, commonName));
  return sequence(asn1.create(Class.UNIVERSAL, Type.SET, true, [attribute]));
}

function extension(id: string, isCritical: boolean, value: forge.asn1.Asn1): forge.asn1.Asn1 {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(value));
}

function extensions(addresses: readonly string[]): forge.asn1.Asn1 {
  const names = [
    tagged(2, false, 'localhost'),
    tagged(2, false, 'kubernetes.default.svc'),
    ...addresses.map((address) => tagged(7, false, String.fromCharCode(...address.split('.').map(Number)))),
  ];
  // keyUsage: digitalSignature and keyCertSign, so that the one certificate can be both server and authority
  const keyUsage = primitive(Type.BITSTRING, '\u0002\u0084');
  return tagged(3, true, [
    sequence(
      extension('2.5.29.19', true, sequence(boolean(true))),
      extension('2.5.29.15', true, keyUsage),
      extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', false, sequence(...names)),
    ),
  ]);
}

/**
 * Makes a P-256 key and a certificate for localhost and IPv4 addresses: forge builds it, OpenSSL signs it.
 */
export function createServerCertificate(addresses: readonly string[]): ServerCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = asn1.fromDer(publicKey.export({ type: 'spki', format: 'der' }).toString('binary'));
  const algorithm = () => sequence(oid(ECDSA_WITH_SHA256));
  const name = nameOf('embedded-kube-apiserver');
  const now = Date.now();
  const time = (offsetDays: number) =>
    primitive(Type.UTCTIME, asn1.dateToUtcTime(new Date(now + offsetDays * 86_400_000)) as string);
  const body = sequence(
    tagged(0, true, [primitive(Type.INTEGER, '\u0002')]),
    primitive(Type.INTEGER, `\u0001${randomBytes(8).toString('binary')}`),
    algorithm(),
    name,
    sequence(time(-1), time(VALID_DAYS)),
    name,
    spki,
    extensions(addresses),
  );
  const bytes = Buffer.from(asn1.toDer(body).getBytes(), 'binary');
  const signature = createSign('SHA256').update(bytes).sign(privateKey).toString('binary');
  const certificate = sequence(body, algorithm(), primitive(Type.BITSTRING, `\u0000${signature}`));
  const der = asn1.toDer(certificate).getBytes();
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: forge.pem.encode({ type: 'CERTIFICATE', body: der }).replaceAll('\r', ''),
  };
}
