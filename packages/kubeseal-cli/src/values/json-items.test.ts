import { describe, expect, it } from 'vitest';
import { itemsOfJson } from './json-items.ts';

const read = (value: unknown) =>
  Object.fromEntries(itemsOfJson(typeof value === 'string' ? value : JSON.stringify(value), 'x'));

/** As Vault's own engine answers, and the program vault prints. */
const VAULT_METADATA = {
  created_time: '2026-11-30T04:30:30.211829267Z',
  custom_metadata: null,
  deletion_time: '',
  destroyed: false,
  version: 1,
};

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
      {
        request_id: 'r',
        lease_id: '',
        lease_duration: 0,
        renewable: false,
        data: { data: { user: 'ann', n: 1 }, metadata: VAULT_METADATA },
        warnings: null,
        mount_type: 'kv',
      },
      { user: 'ann', n: '1' },
    ],
    [
      'vault kv get, version 1',
      {
        request_id: 'r',
        lease_id: '',
        lease_duration: 86400,
        renewable: false,
        data: { user: 'ann', data: 'x', metadata: 'y' },
        warnings: null,
        mount_type: 'kv',
      },
      { user: 'ann', data: 'x', metadata: 'y' },
    ],
    [
      'aws secretsmanager get-secret-value',
      {
        ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-BWnLwE',
        Name: 'shop/db',
        VersionId: '6960dd45-218c-4745-acf1-9d4a7b9a5c11',
        SecretString: '{"user":"ann","port":5432}',
        VersionStages: ['AWSCURRENT'],
        CreatedDate: 1796012600,
      },
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
      'a deleted version of Vault',
      JSON.stringify({ lease_id: '', data: { data: null, metadata: VAULT_METADATA } }),
      'x, the output of vault kv get (KV version 2): this version of the secret was deleted',
    ],
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
