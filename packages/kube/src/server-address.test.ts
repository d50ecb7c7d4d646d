import { describe, expect, it } from 'vitest';
import { serverAddress } from './server-address.ts';

const addressOf = (address: string) => serverAddress(address, 'VAULT_ADDR', 'tokens and keys');

describe('serverAddress', () => {
  it.each([
    ['https://vault.example.com:8200/', 'https://vault.example.com:8200', 'https://vault.example.com:8200'],
    ['https://vault.example.com/team/', 'https://vault.example.com', 'https://vault.example.com/team'],
    ['http://localhost:8200', 'http://localhost:8200', 'http://localhost:8200'],
    ['http://127.1.2.3', 'http://127.1.2.3', 'http://127.1.2.3'],
    ['http://[::1]:8200', 'http://[::1]:8200', 'http://[::1]:8200'],
  ])('accepts %s', (address, origin, base) => {
    expect(addressOf(address)).toEqual({ origin, base });
  });
  it.each([
    ['http://vault.example.com', 'VAULT_ADDR is plain http, which shows tokens and keys to the network'],
    ['http://127.0.0.1.example.com', 'VAULT_ADDR is plain http, which shows tokens and keys to the network'],
    ['http://localhost.example.com', 'VAULT_ADDR is plain http, which shows tokens and keys to the network'],
    ['https://ann:pass@vault', 'VAULT_ADDR holds a password'],
    ['https://vault?x=1', 'VAULT_ADDR is not the address of a server'],
    ['https://vault#x', 'VAULT_ADDR is not the address of a server'],
    ['ftp://vault', 'VAULT_ADDR is not the address of a server'],
    ['vault:8200', 'VAULT_ADDR is not the address of a server'],
  ])('refuses %s', (address, message) => {
    expect(() => addressOf(address)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', message }));
  });
});
