import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { parseSealedSecret } from '../secret/parse.ts';
import { matchesPatterns, readAllowedSigners } from './allowed-signers.ts';
import { checkSignature, signatureAnnotation } from './check-signature.ts';
import { SIGNATURE, signedContent } from './signed-content.ts';
import { sshString } from './ssh-wire.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const KEY = readVector('ssh/ed25519.pub').trim();
const RSA = readVector('ssh/rsa.pub').trim();
const bare = parseSealedSecret(JSON.parse(readVector('ssh/sealed-secret.json')));
const signature = await signatureAnnotation(readVector('ssh/ed25519.sig'), await signedContent(bare));
const sealed = { ...bare, metadata: { ...bare.metadata, annotations: { [SIGNATURE]: signature } } };

const ed25519Key = () => {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.from(x, 'base64url'))]);
  return `ssh-ed25519 ${blob.toString('base64')}`;
};
const stateOf = async (lines: string, principals?: readonly string[]) => {
  const signers = await readAllowedSigners(lines);
  return (await checkSignature(sealed, { signers, now: NOW, ...(principals ? { principals } : {}) })).state;
};

describe('allowed signers', () => {
  it.each([
    ['another key', () => `ann@example.com ${RSA}`, 'unknown-signer'],
    ['another key of the same kind', () => `ann@example.com ${ed25519Key()}`, 'unknown-signer'],
    [
      'blanks between its words, and around it',
      () => ` ann@example.com \t ssh-ed25519   ${KEY.split(' ')[1]} \r`,
      'good',
    ],
    ['options in capitals', () => `ann@example.com NAMESPACES="git" ${KEY}`, 'unknown-signer'],
    ['comments and empty lines', () => `# x\n\n  ann@example.com ${KEY} Ann`, 'good'],
    ['a namespace that fits', () => `ann@example.com namespaces="git,sealed*" ${KEY}`, 'good'],
    ['another namespace', () => `ann@example.com namespaces="git" ${KEY}`, 'unknown-signer'],
    [
      'an excluded namespace',
      () => `ann@example.com namespaces="*,!sealedsecret@fuin" ${KEY}`,
      'unknown-signer',
    ],
    ['a time before', () => `ann@example.com valid-after="20260601000001Z" ${KEY}`, 'untimely-signer'],
    ['a time after', () => `ann@example.com valid-before="20260601Z" ${KEY}`, 'untimely-signer'],
    [
      'a time that is over and another line without one',
      () => `ann@example.com valid-before="20260601Z" ${KEY}\nann@example.com ${KEY}`,
      'good',
    ],
    [
      'a time within',
      () => `ann@example.com valid-after="20260601Z",valid-before="202606010001Z" ${KEY}`,
      'good',
    ],
    ['a quoted principal', () => `"ann@example.com" ${KEY}`, 'good'],
    ['quoted principals with blanks', () => `"ann of shop,ann@example.com" ${KEY}`, 'good'],
  ])('with %s', async (_, lines, state) => {
    expect(await stateOf(lines())).toBe(state);
  });
  it('are named only where the signature is good', async () => {
    const line = `ann@example.com ${KEY}`;
    const cases = [
      [sealed, line, 'good', ['ann@example.com']],
      [sealed, undefined, 'good', []],
      [bare, line, 'missing', []],
      [
        { ...bare, metadata: { ...bare.metadata, annotations: { [SIGNATURE]: 'x' } } },
        line,
        'unreadable',
        [],
      ],
      [sealed, `ben@example.com ${RSA}`, 'unknown-signer', []],
      [sealed, `ann@example.com valid-before="20260101Z" ${KEY}`, 'untimely-signer', []],
    ] as const;
    for (const [secret, lines, state, principals] of cases) {
      const signers = lines === undefined ? undefined : await readAllowedSigners(lines);
      expect(await checkSignature(secret, { signers, now: NOW })).toEqual({ state, principals });
    }
  });
  it.each([
    ['ann@example.com', 'good'],
    ['ben@example.com', 'good'],
    ['eve@example.com', 'unknown-signer'],
    ['ann@example.org', 'unknown-signer'],
  ])('let %s sign where the file gives the key to that name: %s', async (name, state) => {
    const lines = `*@example.com,!eve@* ${KEY}`;
    expect(await stateOf(lines, [name])).toBe(state);
    expect(await stateOf(lines, ['eve@example.com', name])).toBe(state);
  });
  it.each([
    ['aab', 'a*b', true],
    ['abcb', '*b', true],
    ['abc', '*b', false],
    ['abc', 'a?c', true],
    ['ac', 'a?c', false],
    ['ab', 'a', false],
    ['ba', 'a', false],
    ['ba', 'xya', false],
    ['*x', '*', true],
    ['a', 'ab', false],
    ['a', 'a**', true],
    ['abab', '*ab', true],
    ['*', '?', true],
    ['', '*', true],
    ['', '?', false],
    ['a!', 'a!', true],
  ])('match %j with %j: %s', (name, pattern, isMatch) => {
    expect(matchesPatterns(name, [pattern])).toBe(isMatch);
  });
  it.each([
    [
      'a certificate authority',
      () => `* cert-authority ${KEY}`,
      'certificate authorities are not supported: list the keys',
    ],
    [
      'an unknown option',
      () => `* verify-required ${KEY}`,
      'it has an option that is not known, or a kind of key that does not count',
    ],
    [
      'a time of a time zone',
      () => `* valid-after="20260601" ${KEY}`,
      'its times need a Z at the end, for UTC',
    ],
    [
      'a time that is none',
      () => `* valid-after="soon" ${KEY}`,
      'its times are not written YYYYMMDD[HHMM[SS]]Z',
    ],
    [
      'an option twice',
      () => `* valid-after="20260601Z",valid-after="20260601Z" ${KEY}`,
      'its options cannot be read',
    ],
    [
      'a key of a FIDO token',
      () => '* sk-ssh-ed25519@openssh.com AAAA',
      'it has an option that is not known, or a kind of key that does not count',
    ],
    ['no key', () => 'ann@example.com', 'it lacks a principal or a key'],
    ['no key behind a blank', () => '"ann@example.com"  ', 'it lacks a principal or a key'],
    ['no principal', () => `"," ${KEY}`, 'it lacks a principal or a key'],
    ['a key that is no base64', () => '* ssh-ed25519 !', 'its key is not base64'],
    [
      'a kind that does not count, behind options',
      () => '* namespaces="git" ssh-dss AAAA',
      'keys of this kind do not count',
    ],
    ['an option without a name', () => `* =x ${KEY}`, 'its options cannot be read'],
    [
      'a line break that is none to others',
      () => `* ${KEY}\rann@example.com`,
      'it lacks a principal or a key',
    ],
    ['text between options and key', () => `* namespaces="git"x ${KEY}`, 'its options cannot be read'],
    [
      'a namespace that is empty',
      () => `* namespaces="" ${KEY}`,
      'it has an option that is not known, or a kind of key that does not count',
    ],
    [
      'a day that is none',
      () => `* valid-after="20261301Z" ${KEY}`,
      'its times are not written YYYYMMDD[HHMM[SS]]Z',
    ],
    ['a key that is cut', () => `* ${KEY.slice(0, 40)}`, 'it is cut or not in the format of SSH'],
    [
      'another kind than it says',
      () => `* ${KEY.replace('ssh-ed25519', 'ssh-rsa')}`,
      'the key is of another kind than the line says',
    ],
  ])('refuse the whole file over %s, and name the line', async (_, line, reason) => {
    await expect(readAllowedSigners(`# one\n${line()}`)).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: `line 2 of the allowed-signers file: ${reason}`,
    });
  });
  it('refuse a small RSA key', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    const number = (text: string) => sshString(Buffer.concat([Buffer.of(0), Buffer.from(text, 'base64url')]));
    const exponent = sshString(Buffer.from(e, 'base64url'));
    const blob = Buffer.concat([sshString('ssh-rsa'), exponent, number(n)]).toString('base64');
    await expect(readAllowedSigners(`* ssh-rsa ${blob}`)).rejects.toMatchObject({
      message: 'line 1 of the allowed-signers file: RSA keys have 2048 to 8192 bits',
    });
  });
  it('refuse files that are too large, and match hostile patterns in bounded time', async () => {
    for (const text of ['#'.repeat(1024 * 1024), '\n'.repeat(9_999), ''])
      expect(await readAllowedSigners(text)).toEqual([]);
    for (const text of ['#'.repeat(1024 * 1024 + 1), '\n'.repeat(10_000)])
      await expect(readAllowedSigners(text)).rejects.toMatchObject({
        code: 'ERR_KEY_INVALID',
        message: 'the allowed-signers file is too large',
      });
    expect(matchesPatterns('a'.repeat(5000), [`${'*a'.repeat(500)}b`])).toBe(false);
  });
});
