import { importKeyPair, KeyRing, parseSealedSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KEY, vector } from '../../testing/keys.ts';
import { sealedYaml } from '../../testing/opened.ts';
import { keyOpener } from './key-opener.ts';

const sealed = async (change: (text: string) => string = (text) => text) =>
  parseSealedSecret(parse(change(await sealedYaml({ password: 'hunter2', user: 'ann' }))));
const key = await importKeyPair(KEY);
const other = await importKeyPair(vector('keys/rsa2048-b.pkcs8.pem'));

/** What is opened, as text, and what stays closed. */
async function open(sealedSecret: Awaited<ReturnType<typeof sealed>>, ...keys: (typeof key)[]) {
  const { values, closed } = await keyOpener(KeyRing.of(...keys)).open({ sealedSecret, label: 'it' });
  const texts = [...values].map(([item, value]) => [item, new TextDecoder().decode(value)]);
  return { values: Object.fromEntries(texts), closed: Object.fromEntries(closed) };
}

describe('keyOpener', () => {
  it('opens every item with the key that fits, whichever comes first', async () => {
    const values = { password: 'hunter2', user: 'ann' };
    expect(await open(await sealed(), other, key)).toEqual({ values, closed: {} });
    expect(await open(await sealed(), key, other)).toEqual({ values, closed: {} });
  });
  it('opens the others where one is damaged', async () => {
    const sealedSecret = await sealed((text) => text.replace(/user: .*/, 'user: AgBY'));
    expect(await open(sealedSecret, key)).toEqual({
      values: { password: 'hunter2' },
      closed: { user: 'it is damaged' },
    });
  });
  it.each([
    ['without the key', (text: string) => text, [other]],
    ['under another name', (text: string) => text.replace('  name: db', '  name: web'), [key]],
    ['in another namespace', (text: string) => text.replace('namespace: shop', 'namespace: lab'), [key]],
  ])('opens nothing %s', async (_what, change, keys) => {
    const closed = { password: 'no given key opens it', user: 'no given key opens it' };
    expect(await open(await sealed(change), ...keys)).toEqual({ values: {}, closed });
  });
});
