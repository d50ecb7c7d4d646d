import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { importKeyPair, type RsaKeyPair } from './key-pair.ts';
import { createCertificate, parseCertificate } from './new-certificate.ts';

const notBefore = new Date('2026-01-02T03:04:05Z');
const notAfter = new Date('2036-01-02T03:04:05Z');
let key: RsaKeyPair;
beforeAll(async () => {
  key = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
});
const openssl = (args: readonly string[], input: string) =>
  spawnSync('openssl', ['x509', '-noout', ...args], { input, encoding: 'utf8' });
const opensslProblem =
  spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl on this machine';
if (opensslProblem) console.warn(`x509.test.ts: skipping one test: ${opensslProblem}`);

describe('createCertificate', () => {
  it('signs itself, names its key, and is read back', async () => {
    const pem = await createCertificate(key, { commonName: 'cluster', notBefore, notAfter });
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const parsed = await parseCertificate(pem);
    expect(parsed).toMatchObject({ notBefore, notAfter });
    expect(parsed.recipient.id).toBe(key.id);
  });
  it.each([
    ['', undefined],
    ['sealed-secrets', 'CN=sealed-secrets'],
    ['schlüssel 鍵', 'CN=schlüssel 鍵'],
  ])('has the common name "%s" as subject and issuer', async (commonName, expected) => {
    const { subject, issuer } = new X509Certificate(
      await createCertificate(key, { commonName, notBefore, notAfter }),
    );
    expect([subject || undefined, issuer || undefined]).toEqual([expected, expected]);
  });
  it('has a positive serial of 128 bits, another one each time', async () => {
    const make = () => createCertificate(key, { commonName: '', notBefore, notAfter });
    const certificates = await Promise.all(Array.from({ length: 16 }, make));
    const serials = certificates.map((pem) => new X509Certificate(pem).serialNumber);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(16);
    expect(new Set(serials.map((serial) => serial.slice(0, 2))).size).toBeGreaterThan(1);
  });
  it.each(['1950-01-01T00:00:00Z', '2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z', '2126-06-07T08:09:10Z'])(
    'ends at %s, by UTCTime or GeneralizedTime',
    async (end) => {
      const pem = await createCertificate(key, {
        commonName: '',
        notBefore: new Date('1950-01-01T00:00:00Z'),
        notAfter: new Date(end),
      });
      expect((await parseCertificate(pem)).notAfter).toEqual(new Date(end));
      expect(new X509Certificate(pem).validToDate).toEqual(new Date(end));
    },
  );
  it.skipIf(opensslProblem)(
    'has for openssl the extensions and the signature that upstream has',
    async () => {
      const pem = await createCertificate(key, { commonName: '', notBefore, notAfter });
      const { stdout, status } = openssl(['-text'], pem);
      expect(status).toBe(0);
      expect(stdout).toMatch(/Version: 3 \(0x2\)/);
      expect(stdout).toMatch(/Signature Algorithm: sha256WithRSAEncryption/);
      expect(stdout).toMatch(/X509v3 Key Usage: critical\s+Encipher Only\n/);
      expect(stdout).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE\n/);
      expect(stdout).toMatch(
        /Not Before: Jan {2}2 03:04:05 2026 GMT\s+Not After : Jan {2}2 03:04:05 2036 GMT/,
      );
    },
  );
});

describe('a certificate for a TLS server', () => {
  const names = ['sealed.shop.svc', '1.example', 'node-7', '10.0.0.7', '::1'];
  const create = () =>
    createCertificate(key, { commonName: 'controller', notBefore, notAfter, serverNames: names });

  it('names its server by DNS names and addresses, and no other', async () => {
    const certificate = new X509Certificate(await create());
    expect(certificate.subjectAltName).toBe(
      'DNS:sealed.shop.svc, DNS:1.example, DNS:node-7, IP Address:10.0.0.7, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(certificate.checkHost('sealed.shop.svc')).toBe('sealed.shop.svc');
    expect(certificate.checkHost('controller')).toBeUndefined();
    expect(certificate.checkIP('10.0.0.7')).toBe('10.0.0.7');
  });
  it('serves TLS and signs no other certificate', async () => {
    const certificate = new X509Certificate(await create());
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']); // serverAuth
  });
  it.skipIf(opensslProblem)('has for openssl the extensions of a server, and none to seal with', async () => {
    const { stdout } = openssl(['-text'], await create());
    expect(stdout).toMatch(/X509v3 Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(stdout).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE\n/);
    expect(stdout).toMatch(/X509v3 Subject Key Identifier:/);
  });
});
