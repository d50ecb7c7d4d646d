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

/** Written from 1Password's documentation of item templates, which are formed like this output. */
const OP_ITEM = {
  id: 'abc',
  title: 'db',
  version: 2,
  vault: { id: 'v', name: 'Shop' },
  category: 'LOGIN',
  last_edited_by: 'u',
  created_at: '2026-01-25T14:36:10Z',
  updated_at: '2026-01-25T14:36:10Z',
  additional_information: 'ann',
  urls: [{ primary: true, href: 'https://shop.example' }],
  sections: [{ id: 's', label: 'More' }],
  fields: [
    {
      id: 'username',
      type: 'STRING',
      purpose: 'USERNAME',
      label: 'username',
      value: 'ann',
      reference: 'op://Shop/db/username',
    },
    {
      id: 'password',
      type: 'CONCEALED',
      purpose: 'PASSWORD',
      label: 'password',
      value: 'hunter2',
      entropy: 20.5,
      password_details: { strength: 'TERRIBLE' },
    },
    {
      id: 'notesPlain',
      type: 'STRING',
      purpose: 'NOTES',
      label: 'notesPlain',
      reference: 'op://Shop/db/notesPlain',
    },
    { id: 'x1', section: { id: 's', label: 'More' }, type: 'CONCEALED', label: 'token', value: 't0p' },
  ],
};
/** Written from Bitwarden's documentation of its items. */
const BW_ITEM = {
  passwordHistory: null,
  revisionDate: '2026-01-25T14:36:10.000Z',
  creationDate: '2026-01-25T14:36:10.000Z',
  deletedDate: null,
  object: 'item',
  id: '6bbc548b-b5ef-4ec1-a883-b04a014a754a',
  organizationId: null,
  folderId: null,
  type: 1,
  reprompt: 0,
  name: 'db',
  notes: null,
  favorite: false,
  collectionIds: [],
};
const BW_LOGIN = {
  ...BW_ITEM,
  fields: [
    { name: 'pin', value: '007', type: 1, linkedId: null },
    { name: 'login', value: null, type: 3, linkedId: 100 },
  ],
  login: {
    uris: [{ match: null, uri: 'https://shop.example' }],
    username: 'ann',
    password: 'hunter2',
    totp: null,
    passwordRevisionDate: null,
    fido2Credentials: [],
  },
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
    ['op item get', OP_ITEM, { username: 'ann', password: 'hunter2', token: 't0p' }],
    ['bw get item of a login', BW_LOGIN, { username: 'ann', password: 'hunter2', pin: '007' }],
    [
      'bw get item of a note',
      { ...BW_ITEM, type: 2, notes: 'hunter2', secureNote: { type: 0 } },
      { notes: 'hunter2' },
    ],
    [
      'bw get item of an SSH key',
      { ...BW_ITEM, type: 5, sshKey: { privateKey: 'k', publicKey: 'p', keyFingerprint: 'SHA256:x' } },
      { privateKey: 'k', publicKey: 'p' },
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
  it.each([
    ['op item get', { ...OP_ITEM, fields: [...OP_ITEM.fields, { label: 'password', value: 'other' }] }],
    ['bw get item', { ...BW_LOGIN, fields: [{ name: 'password', value: 'other', type: 1 }] }],
  ])('loses no field of two that have one name: %s', (_program, value) => {
    expect(() => read(value)).toThrow(/: two fields are called password$/);
  });
  it('takes a flat object that has a field called object for what it is', () => {
    expect(read({ object: 'item', login: 'ann' })).toEqual({ object: 'item', login: 'ann' });
  });
});
