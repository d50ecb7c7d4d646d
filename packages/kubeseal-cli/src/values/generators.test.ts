import { describe, expect, it } from 'vitest';
import { parseGeneratedItem } from './generators.ts';

const make = async (kind: string) => (await parseGeneratedItem(`a=${kind}`).make()).get('a') ?? '';

describe('parseGeneratedItem', () => {
  it.each([
    ['password', /^[A-Za-z0-9]{32}$/],
    ['password:12', /^[A-Za-z0-9]{12}$/],
    ['hex', /^[0-9a-f]{64}$/],
    ['hex:16', /^[0-9a-f]{32}$/],
    ['base64:32', /^[A-Za-z0-9+/]{43}=$/],
    ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['words', /^[a-z]+(-[a-z]+){11}$/],
    ['words:7', /^[a-z]+(-[a-z]+){6}$/],
  ])('makes %s, another one each time', async (kind, form) => {
    const values = await Promise.all(Array.from({ length: 20 }, () => make(kind)));
    for (const value of values) expect(value).toMatch(form);
    expect(new Set(values).size).toBe(20);
  });
  it.each([
    ['a=', 'a generated item needs a kind that exists'],
    ['a', '--generate does not say which item'],
    ['password:32', '--generate does not say which item'],
    ['a=toString', 'a generated item needs a kind that exists'],
    ['a b=hex', 'an item has a name that Kubernetes refuses'],
    ['a=uuid:4', 'a value of kind uuid has no size'],
    ['a=password:11', 'the size of a value of kind password must be between 12 and 4096'],
    ['a=password:', 'the size of a value of kind password must be between 12 and 4096'],
    ['a=hex:1e3', 'the size of a value of kind hex must be between 8 and 4096'],
    ['a=words:6', 'the size of a value of kind words must be between 7 and 64'],
    ['a=ssh:4096', 'a key pair of kind ssh has no size: it is always Ed25519'],
    ['a=tls', 'a key pair of kind tls needs the names of the server'],
    ['a=tls:a b', 'a key pair of kind tls needs the names of the server'],
    ['a=tls:web.test,', 'a key pair of kind tls needs the names of the server'],
    ['a=hex:99999', 'the size of a value of kind hex must be between 8 and 4096'],
  ])('refuses %s', (text, message) => {
    expect(() => parseGeneratedItem(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', message }));
  });
});
