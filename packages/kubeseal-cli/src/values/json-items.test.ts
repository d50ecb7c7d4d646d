import { describe, expect, it } from 'vitest';
import { itemsOfJson } from './json-items.ts';

const read = (value: unknown) =>
  Object.fromEntries(itemsOfJson(typeof value === 'string' ? value : JSON.stringify(value), 'x'));

describe('itemsOfJson', () => {
  it('reads a flat object, with the digits of numbers as they are written', () => {
    expect(read('{"a": "x", "b": 12345678901234567890, "c": 1.0, "d": true}')).toEqual({
      a: 'x',
      b: '12345678901234567890',
      c: '1.0',
      d: 'true',
    });
  });
  it.each<[string, unknown, Record<string, string>]>([
    [
      'vault kv get, version 2',
      { request_id: 'r', lease_id: '', data: { data: { user: 'ann', n: 1 }, metadata: { version: 3 } } },
      { user: 'ann', n: '1' },
    ],
    [
      'vault kv get, version 1',
      { request_id: 'r', lease_id: '', lease_duration: 2764800, data: { user: 'ann' } },
      { user: 'ann' },
    ],
    [
      'aws secretsmanager get-secret-value',
      { ARN: 'arn:x', Name: 'db', VersionId: 'v', SecretString: '{"user":"ann","port":5432}' },
      { user: 'ann', port: '5432' },
    ],
    [
      'op item get',
      {
        id: 'i',
        vault: { id: 'v' },
        category: 'LOGIN',
        fields: [
          { id: 'username', label: 'username', value: 'ann' },
          { id: 'password', label: 'password', value: 'hunter2' },
          { id: 'notesPlain', label: 'notesPlain' },
        ],
      },
      { username: 'ann', password: 'hunter2' },
    ],
    [
      'bw get item',
      {
        object: 'item',
        id: 'i',
        type: 1,
        notes: null,
        login: { username: 'ann', password: 'hunter2', totp: null, uris: [] },
        fields: [{ name: 'pin', value: '007', type: 1 }],
      },
      { username: 'ann', password: 'hunter2', pin: '007' },
    ],
  ])('recognises what %s prints', (_program, value, items) => {
    expect(read(value)).toEqual(items);
  });
  it.each([
    ['what is no JSON', '{"a": hunter2}', 'x is not a JSON object'],
    ['a list', '["hunter2"]', 'x is not a JSON object'],
    ['nested objects', '{"a": {"b": "hunter2"}}', 'item a of x is not a string, number or boolean'],
    ['null', '{"a": null}', 'item a of x is not a string, number or boolean'],
    [
      'a SecretString without names',
      '{"ARN": "a", "VersionId": "v", "SecretString": "hunter2"}',
      'x, the output of aws secretsmanager get-secret-value: the SecretString is no JSON object, so it names no items',
    ],
  ])('refuses %s and quotes no value', (_what, text, message) => {
    const error = expect.objectContaining({ code: 'ERR_MANIFEST_INVALID', message });
    expect(() => read(text)).toThrow(error);
  });
});
