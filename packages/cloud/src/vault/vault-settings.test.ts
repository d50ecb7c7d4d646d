import { describe, expect, it } from 'vitest';
import { pathOf, vaultSettings } from './vault-settings.ts';

const ADDRESS = { VAULT_ADDR: 'https://vault.example.com:8200' };
const loginOf = (env: Record<string, string>) => vaultSettings({ env: { ...ADDRESS, ...env } }).login;

describe('vaultSettings', () => {
  it('take the variables of Vault, or those of OpenBao', () => {
    const env = { BAO_ADDR: 'https://bao', BAO_NAMESPACE: 'team', BAO_CACERT: '/ca', BAO_TOKEN: 't\n' };
    const login = { kind: 'token', token: 't' };
    expect(vaultSettings({ env })).toEqual({
      address: 'https://bao',
      namespace: 'team',
      caFile: '/ca',
      login,
    });
  });
  it('log in with Kubernetes where a role is named, whatever token there is', () => {
    const login = { kind: 'kubernetes', role: 'r', mount: 'kubernetes' };
    expect(loginOf({ VAULT_KUBERNETES_ROLE: 'r', VAULT_TOKEN: 't' })).toEqual({
      ...login,
      jwtFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    });
    const more = { VAULT_KUBERNETES_MOUNT: 'clusters/a', VAULT_KUBERNETES_TOKEN_FILE: '/t' };
    expect(loginOf({ VAULT_KUBERNETES_ROLE: 'r', ...more })).toEqual({
      ...login,
      mount: 'clusters/a',
      jwtFile: '/t',
    });
  });
  it('read a token from a file, or from the one that vault login writes', () => {
    expect(loginOf({ VAULT_TOKEN_FILE: '/t', HOME: '/home/ann' })).toEqual({ kind: 'file', file: '/t' });
    expect(loginOf({ HOME: '/home/ann' })).toEqual({ kind: 'file', file: '/home/ann/.vault-token' });
  });
  it.each([
    [{ VAULT_TOKEN: 't' }, 'VAULT_ADDR is not set'],
    [ADDRESS, 'there is no token for Vault'],
    [{ ...ADDRESS, VAULT_NAMESPACE: 'a\r\nb' }, 'VAULT_NAMESPACE is not the name of a namespace'],
    [
      { ...ADDRESS, VAULT_KUBERNETES_ROLE: 'r', VAULT_KUBERNETES_MOUNT: '..' },
      'VAULT_KUBERNETES_MOUNT is not a path',
    ],
  ])('refuse %j', (env, message) => {
    expect(() => vaultSettings({ env })).toThrow(message);
  });
});

describe('pathOf', () => {
  it.each(['', '.', '..', 'a//b', '/a', 'a/', 'a?b', 'a#b', 'a%2fb', 'a\nb', 'ü'])('refuses %j', (path) => {
    expect(() => pathOf(path, 'vault:')).toThrow('vault: is not a path of Vault');
  });
});
