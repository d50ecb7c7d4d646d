import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../testing/wrapper-contract.ts';
import { openKeyServer } from './key-server.ts';

/** Asks a server of the test for `/key`, with a token. @returns the failure, as text */
async function failureWith(answer: RequestListener): Promise<{ code: string; text: string }> {
  const http = createServer(answer);
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  const server = openKeyServer(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, 'X', { env: {} });
  try {
    const sent = { headers: { 'x-vault-token': 'a-secret-token' }, signal: AbortSignal.timeout(10_000) };
    const { code, message, hint } = await failureOf(server.ask('/key', sent));
    return { code, text: `${message} ${hint}` };
  } finally {
    await server.close();
    http.closeAllConnections();
    http.close();
  }
}

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
  it.each([300, 301, 302, 303, 307, 308])('follows no redirect with status %i', async (status) => {
    const asked: (string | undefined)[] = [];
    const failure = await failureWith(({ url }, response) => {
      asked.push(url);
      const isFirst = url === '/key';
      response.writeHead(isFirst ? status : 200, isFirst ? { location: '/elsewhere' } : {}).end('{}');
    });
    expect(asked).toEqual(['/key']);
    expect(failure).toMatchObject({ code: 'ERR_KEY_SERVICE_REJECTED' });
    expect(failure.text).toContain('it redirects, and no token is sent elsewhere');
  });
  it('reads no answer over 64 KiB to its end', async () => {
    const failure = await failureWith((_request, response) => {
      const more = () => void response.write(' '.repeat(65_536));
      response.on('drain', more);
      more();
    });
    expect(failure).toMatchObject({ code: 'ERR_KEY_SERVICE_UNAVAILABLE' });
    expect(failure.text).toContain('its answer is too long');
  });
  it('repeats nothing of an answer that is no JSON', async () => {
    const failure = await failureWith((_request, response) => response.end('a-secret-key'));
    expect(failure).toMatchObject({ code: 'ERR_KEY_SERVICE_UNAVAILABLE' });
    expect(failure.text).not.toContain('secret');
  });
});
