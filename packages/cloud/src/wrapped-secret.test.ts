import { randomBytes } from 'node:crypto';
import { encodeBase64 } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openExecWrapper } from './exec/exec-wrapper.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import { type TestPlugin, writePlugin } from './testing/plugin-rig.ts';
import { CONTEXT, failureOf } from './testing/wrapper-contract.ts';
import {
  rewrapSecretData,
  type SecretData,
  unwrapSecretData,
  wrappedBy,
  wrapSecretData,
} from './wrapped-secret.ts';

const text = (length: number) => encodeBase64(randomBytes(length));
const RSA = { 'tls.crt': text(1000), 'tls.key': text(3200) };
const X_WING = { 'public-key': text(1216), seed: text(32) };

describe('a wrapped key Secret', () => {
  let plugins: readonly TestPlugin[];
  let wrapper: KeyWrapper;
  let other: KeyWrapper;
  beforeAll(async () => {
    plugins = [await writePlugin(), await writePlugin()];
    const [first, second] = plugins.map(({ program }) => openExecWrapper(program, { env: process.env }));
    if (!first || !second) throw new Error('two plugins were written');
    [wrapper, other] = [first, second];
  });
  afterAll(async () => void (await Promise.all(plugins.map((each) => each.remove()))));

  it.each([
    ['an RSA key', RSA, 'kubernetes.io/tls'],
    ['a key of format v2', X_WING, 'sealedsecrets.bitnami.com/x-wing-key'],
  ])('gives back %s byte for byte', async (_what, data, type) => {
    const wrapped = await wrapSecretData(data, CONTEXT, wrapper);
    const [publicItem = '', privateItem = ''] = Object.keys(data);
    expect(Object.keys(wrapped).sort()).toEqual([publicItem, 'wrapped-key', 'wrapper'].sort());
    expect(JSON.stringify(wrapped)).not.toContain((data as SecretData)[privateItem]);
    expect(wrappedBy(wrapped)).toEqual({ wrapper: wrapper.name, keyVersion: undefined });
    expect(await unwrapSecretData(wrapped, CONTEXT, [other, wrapper])).toEqual({ type, data });
  });
  it('changes nothing but its note when it is rewrapped, by the same service or another one', async () => {
    const wrapped = await wrapSecretData(RSA, CONTEXT, wrapper);
    for (const first of [wrapper, other]) {
      const again = await rewrapSecretData(wrapped, CONTEXT, [first, wrapper]);
      expect(again).toEqual({ ...wrapped, wrapper: again['wrapper'] });
      expect(again['wrapper']).not.toBe(wrapped['wrapper']);
      expect(wrappedBy(again).wrapper).toBe(first.name);
      expect((await unwrapSecretData(again, CONTEXT, [first])).data).toEqual(RSA);
    }
  });
  it('leaves no private key behind in bytes, neither when it is made nor when it is opened', async () => {
    const [encrypting, decrypting] = [vi.spyOn(crypto.subtle, 'encrypt'), vi.spyOn(crypto.subtle, 'decrypt')];
    await unwrapSecretData(await wrapSecretData(X_WING, CONTEXT, wrapper), CONTEXT, [wrapper]);
    const [given, opened] = [encrypting.mock.calls[0]?.[2], await decrypting.mock.results[0]?.value];
    expect([given, new Uint8Array(opened)]).toEqual([new Uint8Array(32), new Uint8Array(32)]);
    vi.restoreAllMocks();
  });
  it('is opened by a configured service only', async () => {
    const wrapped = await wrapSecretData(RSA, CONTEXT, wrapper);
    const failure = await failureOf(unwrapSecretData(wrapped, CONTEXT, [other]));
    expect(failure).toMatchObject({ code: 'ERR_KEY_SERVICE_REJECTED', hint: 'name it in --key-wrapper' });
  });

  const changes: readonly [string, (wrapped: SecretData) => SecretData, string][] = [
    [
      'its key in the clear too',
      (wrapped) => ({ ...wrapped, 'tls.key': RSA['tls.key'] }),
      'it holds its private key twice',
    ],
    ['something else too', (wrapped) => ({ ...wrapped, seed: 'AAAA' }), 'a wrapped key Secret holds only'],
    ['no certificate', ({ 'tls.crt': _crt, ...more }) => more, 'it holds none of tls.crt, public-key'],
    [
      'another public item',
      ({ 'tls.crt': crt = '', ...more }) => ({ ...more, 'public-key': crt }),
      'the data key does not open it',
    ],
    ['no key', ({ 'wrapped-key': _key, ...more }) => more, 'wrapped-key: missing'],
    ['a key that is no base64', (wrapped) => ({ ...wrapped, 'wrapped-key': '*' }), 'wrapped-key: not base64'],
    [
      'a key that is too long',
      (wrapped) => ({ ...wrapped, 'wrapped-key': text(32_769) }),
      'wrapped-key: over',
    ],
    ['no note', ({ wrapper: _note, ...more }) => more, 'wrapper: missing'],
    [
      'a note that is no JSON',
      (wrapped) => ({ ...wrapped, wrapper: 'AAAA' }),
      'the item wrapper is not JSON',
    ],
  ];
  it.each(changes)('is refused with %s', async (_what, change, message) => {
    const wrapped = await wrapSecretData(RSA, CONTEXT, wrapper);
    const failure = await failureOf(unwrapSecretData(change(wrapped), CONTEXT, [wrapper]));
    expect(failure.code).toBe('ERR_KEY_SECRET_INVALID');
    expect(failure.message).toContain(message);
  });
  it('is not made of something that is no key Secret', async () => {
    const failure = await failureOf(wrapSecretData({ password: 'AAAA' }, CONTEXT, wrapper));
    expect(failure.message).toBe('it holds none of tls.key, seed');
  });
});
