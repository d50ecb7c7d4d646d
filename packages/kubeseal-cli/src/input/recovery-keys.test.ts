import { describe, expect, it } from 'vitest';
import { vector } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';

const [pkcs1, pkcs8] = [vector('keys/rsa2048-a.pkcs1.pem'), vector('keys/rsa2048-a.pkcs8.pem')];
const derOf = (pem: string) => Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const SEALED = vector('kubeseal-v0.27.1/namespace-wide.json');

function open(key: string | Uint8Array, more: string | Uint8Array = key) {
  const argv = ['--recovery-unseal', '--recovery-private-key', 'k,more'];
  return runCli({ argv, files: { k: key, more }, stdin: SEALED });
}

const keySecret = JSON.stringify({ kind: 'Secret', stringData: { 'tls.key': pkcs1 } });

describe('a key file', () => {
  it.each<[string, string | Uint8Array]>([
    ['UTF-8 with a byte order mark', `\ufeff${pkcs1}`],
    ['UTF-16, as PowerShell writes it', utf16(pkcs8.replaceAll('\n', '\r\n'))],
    ['UTF-16 of the other byte order', utf16(pkcs8).swap16()],
    ['DER, PKCS#1', derOf(pkcs1)],
    ['DER, PKCS#8', derOf(pkcs8)],
    ['a key Secret in UTF-16', utf16(keySecret)],
  ])('is read in %s', async (_, key) => {
    expect(await open(key)).toMatchObject({ code: 0, stderr: '' });
  });
  it.each<[string, string | Uint8Array, string]>([
    [
      'encrypted in PKCS#1',
      vector('keys/rsa2048-a.encrypted-pkcs1.pem'),
      'a private key in it is encrypted with a passphrase',
    ],
    [
      'encrypted in PKCS#8',
      vector('keys/rsa2048-a.encrypted-pkcs8.pem'),
      'a private key in it is encrypted with a passphrase',
    ],
    [
      'encrypted beside a plain one',
      vector('keys/rsa2048-a.encrypted-pkcs8.pem') + pkcs1,
      'a private key in it is encrypted with a passphrase',
    ],
    [
      'DER of another key',
      derOf(vector('keys/ec-p256.pkcs8.pem')),
      'unexpected private key type, or the key is damaged',
    ],
    [
      'DER that is encrypted',
      derOf(vector('keys/rsa2048-a.encrypted-pkcs8.pem')),
      'unexpected private key type, or the key is damaged',
    ],
    ['empty', '', 'it is neither PEM nor a key Secret'],
  ])('is named with the cause when it is %s', async (_, key, reason) => {
    const { code, stdout, stderr } = await open(pkcs1, key);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(`cannot read private keys from more: ${reason}\nhint: `);
  });
});
