import { describe, expect, it } from 'vitest';
import { hasTextItems, isClearSecret, judgeSecret } from './judge-secret.ts';

const REFERENCE = '{{ .Values.a }}';
const ENC = 'ENC[AES256_GCM,data:x0Zy,iv:abc=,tag:def==,type:str]';
const KUBESEC = 'CrmZ.pfZ4PTL0.DQbjzCifiA==';

describe('judgeSecret', () => {
  it('names the object and the field', () => {
    const secret = { metadata: { name: 'db' }, data: {}, stringData: { a: 'hunter2' } };
    expect(judgeSecret(secret, { label: 'document 1', path: ['x'] })).toEqual([
      {
        rule: 'plain-secret',
        message: 'document 1 is a Secret in the clear: db',
        about: ['Secret', 'db'],
        path: ['x', 'stringData'],
      },
    ]);
  });
});

describe('isClearSecret', () => {
  it.each<[string, object, boolean]>([
    ['no items', {}, false],
    ['empty items', { data: {}, stringData: '' }, false],
    ['items that refer to values', { data: { a: REFERENCE }, stringData: {} }, false],
    ['a text that refers to a value', { data: REFERENCE }, false],
    ['a text', { data: 'hunter2' }, true],
    [
      'values beside references in the other field',
      { data: { a: 'eA==' }, stringData: { b: REFERENCE } },
      true,
    ],
    ['a value beside a reference', { data: { a: 'eA==', b: REFERENCE } }, true],
    ['values of SOPS', { data: { a: ENC }, sops: { mac: ENC } }, false],
    ['values of SOPS without its code', { data: { a: ENC }, sops: { mac: 'x' } }, true],
    ['values of SOPS whose code is no text', { data: { a: ENC }, sops: { mac: [ENC] } }, true],
    ['a list in place of a value of SOPS', { data: { a: [ENC] }, sops: { mac: ENC } }, true],
    ['values of kubesec', { data: { a: KUBESEC, b: '' } }, false],
    ['a list in place of a value of kubesec', { data: { a: [KUBESEC] } }, true],
    ['values of kubesec where none are encoded', { stringData: { a: KUBESEC } }, true],
  ])('knows a Secret with %s', (_what, object, expected) => {
    expect(isClearSecret({ ...object })).toBe(expected);
  });
});

describe('hasTextItems', () => {
  it.each<[string, object, boolean]>([
    ['a text', { data: 'x' }, true],
    ['an empty string', { data: '' }, true],
    ['a text in a map', { stringData: { a: 'x', b: 7 } }, true],
    ['numbers', { data: { a: 7 } }, false],
    ['a map in a map', { data: { a: 'x', b: {} } }, false],
    ['nothing', {}, false],
  ])('knows %s', (_what, object, expected) => {
    expect(hasTextItems({ ...object })).toBe(expected);
  });
});
