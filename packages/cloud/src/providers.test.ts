import { describe, expect, it } from 'vitest';
import { openWrapper, wrapperNamesIn } from './providers.ts';

describe('openWrapper', () => {
  it('opens a wrapper under the name that was asked for', async () => {
    const env = { VAULT_ADDR: 'https://vault.example.com:8200', VAULT_TOKEN: 't' };
    const wrapper = await openWrapper('vault:team/transit/sealed-secrets', { env });
    expect(wrapper.name).toBe('vault:team/transit/sealed-secrets');
    expect(wrapper.describe()).toBe('key sealed-secrets of team/transit of https://vault.example.com:8200');
    await wrapper.close();
  });
  it.each(['', 'vault', 'valut:transit/key', 'constructor:x', ':x'])('knows no wrapper %j', async (name) => {
    await expect(openWrapper(name, { env: {} })).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: 'unknown key wrapper',
    });
  });
});

describe('wrapperNamesIn', () => {
  it('gives each name of a list once', () => {
    expect(wrapperNamesIn(' vault:a/b, exec:/c,,vault:a/b')).toEqual(['vault:a/b', 'exec:/c']);
    expect(wrapperNamesIn('')).toEqual([]);
  });
});
