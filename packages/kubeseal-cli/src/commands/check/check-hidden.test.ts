import { describe, expect, it } from 'vitest';
import { runCli } from '../../testing/run-cli.ts';

const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n';
const check = (files: Readonly<Record<string, string>>) =>
  runCli({ argv: ['check', ...Object.keys(files)], files });

describe('kubeseal check, for values in unusual places', () => {
  it.each([
    ['under a mark in the middle of joined files', `---\n\ufeff${SECRET}`],
    ['in UTF-16 without a mark', [...SECRET].join('\0')],
    ['as JSON behind a line of a log', `created\n${JSON.stringify({ kind: 'Secret', data: { a: 'eA==' } })}`],
    ['whose items are a text', 'kind: Secret\ndata: aHVudGVyMg==\n'],
    ['that says only by stringData what it is', 'metadata: {name: db}\nstringData: {password: hunter2}\n'],
    ['in spec.stringData', 'kind: SealedSecret\nspec: {stringData: {password: hunter2}}\n'],
    ['in EncryptedData', 'kind: SealedSecret\nspec: {EncryptedData: {password: hunter2}}\n'],
    ['in Spec', 'kind: SealedSecret\nSpec: {encryptedData: {password: hunter2}}\n'],
    ['in Template', 'kind: SealedSecret\nspec: {Template: {stringData: {password: hunter2}}}\n'],
    [
      'that looks a little like SOPS',
      'kind: Secret\ndata: {a: "ENC[A,data:x]"}\nsops: {mac: "ENC[A,data:x]"}\n',
    ],
    ['of 10 MB', `kind: Secret\nstringData: {a: "hunter2${'x'.repeat(1e7)}"}\n`],
    ['of 10 MB in braces', `kind: Secret\nstringData: {a: "{{ hunter2${'x'.repeat(1e7)} }}"}\n`],
    ['of 10 MB in JSON', JSON.stringify({ kind: 'Secret', stringData: { a: `hunter2${'x'.repeat(1e7)}` } })],
    [
      'of a JSON of 5 MB with two kinds',
      `{"kind":"Secret","stringData":{"a":"hunter2"},"kind":"ConfigMap","data":{"b":"${'x'.repeat(5e6)}"}}`,
    ],
    ['of 10 MB in encryptedData', `kind: SealedSecret\nspec: {encryptedData: {a: ${'x'.repeat(1e7)}}}\n`],
    [
      'in a field that is there in two spellings',
      `kind: List\nitems: []\nItems: [{kind: Secret, data: {a: eA==}}]\n`,
    ],
    ['in the other of two lists', `kind: List\nitems: []\nobjects: [{kind: Secret, data: {a: eA==}}]\n`],
    ['in lists in lists', `${'{"items":['.repeat(5_000)}${']}'.repeat(5_000)}`],
  ])('finds values in the clear %s', async (_where, text) => {
    const { code, stderr } = await check({ 'x.yaml': text });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .* of x\.yaml|^error: x\.yaml/);
    expect(stderr).not.toMatch(/unexpected|hunter2/);
  });
  it.each([
    'or .Values.a "hunter2"',
    'default ("hunter2") .Values.a',
    '.Values.a | replace "x" "hunter2"',
    '$a := "hunter2"',
    'cat .Values.a "hunter2"',
    '/* hunter2 of .Values.a */',
  ])(
    'does not accept a template expression with a value of its own as a reference: %s',
    async (expression) => {
      const items = JSON.stringify({ a: `{{ ${expression} }}` });
      expect((await check({ 'x.yaml': `kind: Secret\nstringData: ${items}\n` })).code).toBe(3);
    },
  );
  it.each([
    'include "a.b" .Values',
    'required "a is missing" .Values.a',
    '.Values.a | trimSuffix "x" | quote',
  ])('accepts a template expression that names its source as a reference: %s', async (expression) => {
    const items = JSON.stringify({ a: `{{ ${expression} }}` });
    expect((await check({ 'x.yaml': `kind: Secret\nstringData: ${items}\n` })).code).toBe(0);
  });
});
