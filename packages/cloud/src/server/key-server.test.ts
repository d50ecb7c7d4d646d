import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/wrapper-contract.ts';
import { openKeyServer } from './key-server.ts';

describe('openKeyServer', () => {
  it.each([
    ['vault.example.com', 'VAULT_ADDR is not the address of a server'],
    ['ftp://vault.example.com', 'VAULT_ADDR is not the address of a server'],
    ['https://vault.example.com/?a=b', 'VAULT_ADDR is not the address of a server'],
    ['https://ann:secret@vault.example.com', 'VAULT_ADDR holds a password'],
    ['http://vault.example.com', 'VAULT_ADDR is plain http'],
    ['http://127.0.0.1.example.com', 'VAULT_ADDR is plain http'],
  ])('refuses %s', (address, message) => {
    expect(() => openKeyServer(address, 'VAULT_ADDR', { env: {} })).toThrow(message);
  });
  it('says why there is no answer', async () => {
    const server = openKeyServer('http://127.0.0.1:1', 'VAULT_ADDR', { env: {} });
    const failure = await failureOf(server.ask('/', { signal: AbortSignal.timeout(10_000) }));
    expect(failure.message).toBe('key service http://127.0.0.1:1: connection refused');
    await server.close();
  });
});
