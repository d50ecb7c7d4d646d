import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../../../test/support/time/growth.ts';
import { readVector } from '../../../../test/vectors/read.ts';
import { type Bytes, concatBytes, encodeUtf8 } from '../bytes.ts';
import { parseCertificate } from './certificate.ts';
import { DER, writeDer } from './der.ts';
import { importKeyPair } from './key-pair.ts';
import { formatPem, parsePem } from './pem.ts';

const [a, b, elliptic] = ['rsa-a', 'rsa-b', 'ec'].map((name) => readVector(`x509/${name}.crt`)) as [
  string,
  string,
  string,
];
const derOf = (pem: string): Bytes => parsePem(pem)[0]?.bytes ?? new Uint8Array();
const pemOf = (der: Uint8Array) => formatPem('CERTIFICATE', der);
const keyOf = async (name: string) => (await importKeyPair(readVector(`keys/${name}.pem`))).id;
const fingerprintIn = async (pem: string) => (await parseCertificate(pem)).recipient.id;

/** A certificate with these notBefore and notAfter elements and the key of rsa-a.crt. */
function withValidity(...times: readonly Uint8Array[]): string {
  return withFields(times, spkiOfA());
}

function withFields(times: readonly Uint8Array[], ...key: readonly Uint8Array[]): string {
  const empty = writeDer(DER.sequence);
  const serial = writeDer(DER.integer, new Uint8Array([1]));
  const tbs = writeDer(DER.sequence, serial, empty, empty, writeDer(DER.sequence, ...times), empty, ...key);
  return pemOf(writeDer(DER.sequence, tbs));
}

function spkiOfA(): Uint8Array {
  const der = derOf(a);
  const algorithm = Buffer.from('300d06092a864886f70d0101010500', 'hex');
  const start = Buffer.from(der).indexOf(algorithm) - 4; // SEQUENCE with a length of two bytes before it
  return der.subarray(start, start + 4 + (der[start + 2] ?? 0) * 256 + (der[start + 3] ?? 0));
}

const utc = (text: string) => writeDer(DER.utcTime, encodeUtf8(text));
const TIMES = [utc('200101000000Z'), utc('210304000000Z')];
const general = (text: string) => writeDer(DER.generalizedTime, encodeUtf8(text));

describe('parseCertificate', () => {
  it('finds the key', async () => expect(await fingerprintIn(a)).toBe(await keyOf('rsa2048-a.pkcs1')));
  it('takes the first certificate of a chain and skips other blocks', async () => {
    const chain = readVector('keys/rsa2048-c.pkcs8.pem') + b + a;
    expect(await fingerprintIn(chain)).toBe(await keyOf('rsa2048-b.pkcs8'));
  });
  it.each([
    ['UTCTime before 2000', utc('500101000000Z'), general('20500101000000Z'), '1950-01-01', '2050-01-01'],
    ['UTCTime after 2000', utc('000101000000Z'), utc('491231000000Z'), '2000-01-01', '2049-12-31'],
    ['GeneralizedTime', general('19990101000000Z'), general('99991231235959Z'), '1999-01-01', '9999-12-31'],
    [
      'times in the past: the caller judges them',
      utc('200101000000Z'),
      utc('210304000000Z'),
      '2020-01-01',
      '2021-03-04',
    ],
  ])('reads %s', async (_, start, end, ...dates) => {
    const { notBefore, notAfter } = await parseCertificate(withValidity(start, end));
    expect([notBefore, notAfter].map((date) => date.toISOString().slice(0, 10))).toEqual(dates);
  });
  it.each([
    ['no time', []],
    ['one time only', [utc('200101000000Z')]],
    ['a month 13', [utc('201301000000Z'), utc('210101000000Z')]],
    ['letters', [utc('20010100000xZ'), utc('210101000000Z')]],
    ['a time zone', [utc('200101000000+0100'), utc('210101000000Z')]],
    ['another tag', [writeDer(DER.octetString, encodeUtf8('20200101000000Z')), utc('210101000000Z')]],
  ])('refuses a validity of %s', async (_, times) => {
    await expect(parseCertificate(withValidity(...times))).rejects.toMatchObject({
      code: 'ERR_CERTIFICATE_INVALID',
    });
  });
  const der = derOf(a);
  it.each([
    ['an empty string', '', 'data does not contain any valid RSA or ECDSA certificates'],
    [
      'a private key',
      readVector('keys/rsa2048-a.pkcs1.pem'),
      'data does not contain any valid RSA or ECDSA certificates',
    ],
    [
      'base64 that is none',
      a.replaceAll('M', '!'),
      'data does not contain any valid RSA or ECDSA certificates',
    ],
    ['an elliptic-curve certificate', elliptic, 'expected RSA public key but found another kind of key'],
    [
      'a certificate for PSS',
      readVector('x509/rsa-pss.crt'),
      'expected RSA public key but found another kind of key',
    ],
    [
      'a key of 512 bits',
      readVector('x509/rsa512.crt'),
      'the certificate cannot be read: RSA key of 512 bits: 1024 to 16384 are possible',
    ],
    [
      'data behind it',
      pemOf(concatBytes(der, new Uint8Array(1))),
      'the certificate cannot be read: data follows it',
    ],
    ['an empty block', pemOf(new Uint8Array()), 'the certificate cannot be read: not valid DER'],
    ['an empty sequence', pemOf(writeDer(DER.sequence)), 'the certificate cannot be read'],
    [
      'nothing in its one field',
      pemOf(writeDer(DER.sequence, writeDer(DER.sequence))),
      'the certificate cannot be read',
    ],
    ['no key', withFields(TIMES), 'the certificate cannot be read'],
    ['an empty key', withFields(TIMES, writeDer(DER.sequence)), 'the certificate cannot be read'],
    [
      'a key without an algorithm',
      withFields(TIMES, writeDer(DER.sequence, writeDer(DER.sequence))),
      'the certificate cannot be read',
    ],
  ])('refuses %s', async (_, pem, message) => {
    await expect(parseCertificate(pem)).rejects.toMatchObject({ code: 'ERR_CERTIFICATE_INVALID', message });
  });
  it('keeps what makes a key unusable as the cause', async () => {
    await expect(parseCertificate(readVector('x509/rsa512.crt'))).rejects.toMatchObject({
      cause: { code: 'ERR_KEY_INVALID' },
    });
  });
  it('refuses every truncation and survives every flipped byte with nothing but its own error', async () => {
    const cut = Array.from({ length: der.length }, (_, length) => der.subarray(0, length));
    const flips = Array.from(der, (byte, index) => der.with(index, byte ^ 0xff));
    const outcomes = await Promise.all(
      [...cut, ...flips].map((bytes) =>
        parseCertificate(pemOf(bytes)).then(
          () => 'read',
          (error) => error.code,
        ),
      ),
    );
    expect(new Set(outcomes.slice(0, cut.length))).toEqual(new Set(['ERR_CERTIFICATE_INVALID']));
    expect(new Set(outcomes)).toEqual(new Set(['ERR_CERTIFICATE_INVALID', 'read']));
  });
  it.each([
    ['nested sequences', (size: number) => nested(DER.sequence, size / 8)],
    ['nested bit strings', (size: number) => nested(0x03, size / 8)],
    [
      'empty elements',
      (size: number) => writeDer(DER.sequence, writeDer(DER.sequence, new Uint8Array(size))),
    ],
    ['a length of 4 GiB', () => new Uint8Array([0x30, 0x84, 0xff, 0xff, 0xff, 0xff])],
    ['indefinite lengths', (size: number) => new Uint8Array(size).map((_, at) => (at % 2 ? 0x80 : 0x30))],
    ['random bytes', (size: number) => new Uint8Array(size).map((_, at) => (at * 7919) % 251)],
  ])('refuses a megabyte of %s, in time that grows with the size', async (_, bytesOf) => {
    const outcomes: unknown[] = [];
    const refuse = (size: number) => {
      const pem = pemOf(bytesOf(size));
      return () => parseCertificate(pem).catch(({ code }) => outcomes.push(code));
    };
    expect(await growth(refuse, 1 << 20)).toBeLessThan(LINEAR);
    expect(new Set(outcomes)).toEqual(new Set(['ERR_CERTIFICATE_INVALID']));
  });
});

/** `depth` elements, each the only content of the one around it; built from the inside in one buffer. */
function nested(tag: number, depth: number): Bytes {
  const bytes = new Uint8Array(depth * 5);
  for (let level = 0; level < depth; level++) {
    const length = (depth - level - 1) * 5;
    bytes.set([tag, 0x83, length >> 16, length >> 8, length], level * 5);
  }
  return bytes;
}
