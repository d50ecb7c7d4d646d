import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPem, parsePem, SealedSecretsError } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vector } from '../../testing/keys.ts';
import { countCmsRecipients, decryptCms, encryptToCertificates, isCmsFile } from './cms.ts';

const text = Buffer.from('the keys of the cluster');
const derOf = (pem: string) => parsePem(pem)[0]?.bytes ?? new Uint8Array();
const [a, b] = ['a', 'b'].map((name) => derOf(vector(`x509/rsa-${name}.crt`))) as [Uint8Array, Uint8Array];
const keyOf = (name: string) => createPrivateKey(vector(`keys/rsa2048-${name}.pkcs8.pem`));
/** id-RSAES-OAEP in DER. */
const OAEP = '06092a864886f70d010107';

/** Text, `nothing` or the code of an error. */
function outcomeOf(pem: string, ...keys: readonly string[]): string {
  try {
    const plain = decryptCms(keys.map(keyOf), pem);
    return plain ? Buffer.from(plain).toString() : 'nothing';
  } catch (error) {
    if (error instanceof SealedSecretsError) return error.code;
    throw error;
  }
}

describe('CMS', () => {
  let directory = '';
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const encryptedByOpenssl = (...how: readonly string[]) => {
    writeFileSync(join(directory, 'plain'), text);
    const to = ['-binary', '-outform', 'PEM', '-recip', 'a.crt'];
    return openssl('cms', '-encrypt', '-in', 'plain', ...to, ...how).toString();
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'cms-test-'));
    for (const name of ['a', 'b']) {
      writeFileSync(join(directory, `${name}.crt`), vector(`x509/rsa-${name}.crt`));
      writeFileSync(join(directory, `${name}.key`), vector(`keys/rsa2048-${name}.pkcs8.pem`));
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is opened by openssl with the key of either certificate and nothing else', () => {
    const pem = encryptToCertificates([a, b], text);
    expect([isCmsFile(Buffer.from(pem)), countCmsRecipients(pem)]).toEqual([true, 2]);
    writeFileSync(join(directory, 'message.pem'), pem);
    const how = ['cms', '-decrypt', '-inform', 'PEM', '-in', 'message.pem', '-inkey'];
    for (const name of ['a', 'b']) expect(openssl(...how, `${name}.key`)).toEqual(text);
    expect(openssl(...how, 'a.key', '-recip', 'a.crt')).toEqual(text);
  });
  it('opens what openssl encrypted with AES-256-GCM, OAEP and SHA-256', () => {
    const oaep = ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'];
    expect(outcomeOf(encryptedByOpenssl('-aes-256-gcm', ...oaep), 'a')).toBe(text.toString());
  });
  it('opens no message with the padding of PKCS #1 v1.5, and none whose cipher proves nothing', () => {
    expect(outcomeOf(encryptedByOpenssl('-aes-256-gcm'), 'a')).toBe('nothing');
    expect(outcomeOf(encryptedByOpenssl('-aes-256-cbc'), 'a')).toBe('ERR_KEY_INVALID');
  });
  it('opens with the second key as well, and with no other', () => {
    const pem = encryptToCertificates([a], text);
    expect(outcomeOf(pem, 'b', 'a')).toBe(text.toString());
    expect(outcomeOf(pem, 'b', 'c')).toBe('nothing');
  });
  it('uses a new key and a new nonce each time', () => {
    expect(encryptToCertificates([a], text)).not.toBe(encryptToCertificates([a], text));
  });
  it('refuses every truncation and every flipped byte, but those that say whose certificate it is', () => {
    const der = derOf(encryptToCertificates([a], text));
    // issuer and serial number stand before the algorithm; they are a hint, and every key is tried
    const named = Buffer.from(der).indexOf(Buffer.from(OAEP, 'hex')) - 2;
    const flipped = Array.from(der, (byte, at) => ({ at, bytes: der.with(at, byte ^ 0xff) }));
    const outcomes = flipped.map(({ at, bytes }) => ({
      at,
      outcome: outcomeOf(formatPem('CMS', bytes), 'a'),
    }));
    const opened = outcomes.filter(({ outcome }) => outcome === text.toString()).map(({ at }) => at);
    expect(opened.filter((at) => at >= named || at < 40)).toEqual([]);
    expect(new Set(outcomes.filter(({ at }) => at >= named).map(({ outcome }) => outcome))).toEqual(
      new Set(['nothing', 'ERR_KEY_INVALID']),
    );
    for (let length = 0; length < der.length; length += 7)
      expect(outcomeOf(formatPem('CMS', der.subarray(0, length)), 'a')).toBe('ERR_KEY_INVALID');
  });
});
