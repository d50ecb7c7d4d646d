import { describe, expect, it } from 'vitest';
import { parseProxyUrl, proxyFor } from './proxy.ts';

const P = 'http://proxy.example:3128/';
const isProxied = (url: string, noProxy: string) =>
  proxyFor(url, { HTTPS_PROXY: P, HTTP_PROXY: P, NO_PROXY: noProxy }) !== undefined;

describe('NO_PROXY', () => {
  // the rules and most rows are those of Go's golang.org/x/net/http/httpproxy
  it.each([
    ['https://api.example.com', '', true],
    ['https://localhost:6443', '', false],
    ['https://127.0.0.1:6443', '', false],
    ['https://127.0.0.2', '', false],
    ['https://[::1]:6443', '', false],
    ['https://api.example.com', '*', false],
    ['https://api.example.com', 'example.com', false],
    ['https://example.com', 'example.com', false],
    ['https://example.com', '.example.com', true],
    ['https://api.example.com', '.example.com', false],
    ['https://api.example.com', '*.example.com', false],
    ['https://example.com', '*.example.com', true],
    ['https://notexample.com', 'example.com', true],
    ['https://API.Example.com', ' EXAMPLE.com ,', false],
    ['https://api.example.com:6443', 'example.com:6443', false],
    ['https://api.example.com:6443', 'example.com:443', true],
    ['https://api.example.com', 'example.com:443', false],
    ['http://api.example.com', 'example.com:80', false],
    ['https://10.1.2.3:6443', '10.0.0.0/8', false],
    ['https://11.1.2.3', '10.0.0.0/8', true],
    ['https://10.1.2.3', 'other, 10.1.2.0/24', false],
    ['https://10.1.2.3', '10.1.2.3', false],
    ['https://10.1.2.3:6443', '10.1.2.3:6443', false],
    ['https://10.1.2.3:6443', '10.1.2.3:443', true],
    ['https://10.1.2.3', '10.1.2.0/33', true],
    ['https://10.1.2.3', '0.2.3', true],
    ['https://[fd00::5]:6443', 'fd00::/8', false],
    ['https://[fe00::5]', 'fd00::/8', true],
    ['https://[fd00::5]:6443', 'fd00::5', false],
    ['https://[fd00::5]:6443', '[fd00::5]:6443', false],
    ['https://[fd00::5]:6443', '[fd00::5]:443', true],
    ['https://api.example.com', '10.0.0.0/8', true],
    ['https://api.example.com', ':443', true],
    ['https://api.example.com', 'a:b:c', true],
  ])('decides for %s and the list "%s": proxied %s', (url, noProxy, expected) => {
    expect(isProxied(url, noProxy)).toBe(expected);
  });
});

describe('proxyFor', () => {
  it.each([
    [{ HTTPS_PROXY: P }, P],
    [{ https_proxy: P }, P],
    [{ HTTPS_PROXY: P, https_proxy: 'http://other' }, P],
    [{ HTTPS_PROXY: 'proxy.example:3128' }, P],
    [{ HTTPS_PROXY: 'socks5h://proxy.example:1080' }, 'socks5://proxy.example:1080'],
    [{ HTTP_PROXY: P }, undefined],
    [{}, undefined],
  ])('finds in %j the proxy %s', (env, expected) => {
    expect(proxyFor('https://api.example.com', env)?.href).toBe(expected);
  });
});

describe('parseProxyUrl', () => {
  it.each([
    'ftp://user:hunter2@proxy',
    'http://user:hunter2@',
    'http://user:hunter2%@proxy',
    'socks5://%:hunter2@proxy',
  ])('refuses %s without repeating it', (text) => {
    expect(() => parseProxyUrl(text)).toThrow(/^the address of the proxy cannot be used: (?!.*hunter2)/);
  });
});
