import { encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { readSealedSecret } from './body.ts';

const YAML = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: blue}
spec:
  encryptedData: {password: AgA=}
`;

const read = (text: string) => readSealedSecret(encodeUtf8(text));

describe('readSealedSecret', () => {
  it.each([
    ['YAML', YAML],
    ['YAML after a comment and a document start', `# sealed\n---\n${YAML}`],
    [
      'JSON',
      JSON.stringify({
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'db' },
        spec: { encryptedData: { password: 'AgA=' } },
      }),
    ],
    [
      'YAML in flow style',
      `{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: db}, spec: {encryptedData: {password: AgA=}}}`,
    ],
    ['aliases', `a: &a x\nb: *a\n${YAML}`],
    ['a byte order mark', `\uFEFF${YAML}`],
  ])('reads %s', (_name, text) => {
    expect(read(text)).toMatchObject({
      metadata: { name: 'db' },
      spec: { encryptedData: { password: 'AgA=' } },
    });
  });
  it.each([
    ['nothing', ''],
    ['another kind', YAML.replace('SealedSecret', 'Secret')],
    ['several documents', `${YAML}---\n${YAML}`],
    ['broken YAML', `${YAML}\n  - [`],
    ['a list', '[1]'],
    ['a number', '7'],
    ['null', 'null'],
    ['bytes that are no text', '\u0000\u0001\u0002'],
    ['a JSON prefix', '{"kind":"SealedSecret"'],
  ])('refuses %s', (_name, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }));
  });
  it.each([
    [
      'aliases that multiply',
      `a0: &a0 [x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`).join('\n')}`,
    ],
    ['keys nested in keys', '? '.repeat(60_000)],
    ['keys nested in list items', '? - '.repeat(30_000)],
    ['aliases without number', `a: &a []\nb: [${'*a,'.repeat(40_000)}1]`],
    [
      'aliases of each other without number',
      `a: &a {}\n${Array.from({ length: 9_000 }, (_, i) => `b${i}: *a`).join('\n')}`,
    ],
    ['open brackets', '['.repeat(120_000)],
    ['open braces in JSON', '{"a":'.repeat(500_000)],
    ['quotes', '"'.repeat(120_000)],
    ['more YAML than is read', `${YAML}#${'x'.repeat(200_000)}`],
  ])('refuses %s', (_name, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }));
  });
  it.each([
    [
      'JSON of more values than an object has',
      `{"a":[${'1,'.repeat(32_768)}`,
      'the document has too many values',
    ],
    ['YAML of more marks than a file has', 'a: b\n'.repeat(4_097), 'the document is too large for YAML'],
    ['more YAML than is read', `a: ${'x'.repeat(131_072)}`, 'the document is too large for YAML'],
  ])('does not even parse %s', (_name, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
  it.each([undefined, null, YAML, { kind: 'SealedSecret' }])('refuses %j, which is no bytes', (body) => {
    expect(() => readSealedSecret(body)).toThrow('no body');
  });
  it('drops a byte order mark at the start alone', () => {
    expect(read(YAML.replace('db', '"d\uFEFFb"')).metadata.name).toBe('d\uFEFFb');
  });
  it('reads as many as 99 aliases', () => {
    const aliases = (count: number) => `a: &a x\nb: [${'*a, '.repeat(count)}]\n${YAML}`;
    expect(read(aliases(99)).metadata.name).toBe('db');
    expect(() => read(aliases(101))).toThrow('the document cannot be read');
  });
  it.each(['? [a]\n: b\n', '? {a: b}\n: c\n', '? *x\n: c\n'])('reads no keys like %j', (key) => {
    expect(() => read(`x: &x y\n${key}${YAML}`)).toThrow('the document cannot be read');
    expect(() => read(`${YAML}${key}`)).toThrow('the document cannot be read');
  });
  it('takes the last of two equal keys, like JSON', () => {
    expect(read(YAML.replace('name: db', 'name: web, name: db')).metadata.name).toBe('db');
  });
  it('reads JSON of more bytes than YAML may have, also behind spaces', () => {
    const object = {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db' },
      spec: { encryptedData: { password: 'A'.repeat(200_000) } },
    };
    expect(read(`\n  ${JSON.stringify(object)}`).spec.encryptedData['password']).toHaveLength(200_000);
  });
  it('reads YAML of 128 KiB, and says why it reads no more', () => {
    const full = YAML.padEnd(131_072, ' ');
    expect(read(full).metadata.name).toBe('db');
    expect(() => read(`${full} `)).toThrow('the document is too large for YAML');
  });
  it('says of aliases that multiply that they cannot be read', () => {
    const lines = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`);
    expect(() => read(`a0: &a0 [x]\n${lines.join('\n')}`)).toThrow('the document cannot be read');
  });
  it('does not quote the body in its refusal', () => {
    expect(() => read('canary-7f3a: [')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    );
  });
});
