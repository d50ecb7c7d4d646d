import { describe, expect, it } from 'vitest';
import { encodeBase64, encodeUtf8 } from '../bytes.ts';
import { holdsSecret, LeakFinder } from './copies.ts';

const goJson = (value: unknown) =>
  JSON.stringify(value).replace(/[<>&]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`);
const pythonJson = (value: unknown) =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const base64 = (text: string) => encodeBase64(encodeUtf8(text));
async function packed(text: string, format: 'gzip' | 'deflate'): Promise<string> {
  const stream = new Response(text).body?.pipeThrough(new CompressionStream(format));
  return encodeBase64(new Uint8Array(await new Response(stream ?? null).arrayBuffer()));
}
const objectOf = (stringData: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  stringData,
});

const finderOf = (values: Readonly<Record<string, string>>) => {
  const bytes = Object.entries(values).map(([item, value]) => [item, encodeUtf8(value)] as const);
  return new LeakFinder(new Map(bytes), ['payments-db']);
};
const isFound = (values: Readonly<Record<string, string>>, text: string) =>
  finderOf(values).isIn('example.com/source', text);

describe('a value of the Secret', () => {
  const lines = { conf: 'user=a\npassword=s3cr3t-s3cr3t\n' };
  it.each<[string, Record<string, string>, string]>([
    ["in Go's JSON, which escapes &", { p: 'p&ssw0rd-horse' }, goJson({ x: 'p&ssw0rd-horse' })],
    ["in Go's JSON, which escapes < and >", { p: '<correct-horse>' }, goJson({ x: ['<correct-horse>'] })],
    ["in Python's JSON, which escapes ä", { p: 'pässwörd-schön' }, pythonJson({ x: 'pässwörd-schön' })],
    [
      'in JSON inside of JSON',
      { p: 'say "friend" to me' },
      JSON.stringify({ x: JSON.stringify({ y: 'say "friend" to me' }) }),
    ],
    [
      'of 7 characters in a copy of the object',
      { password: 'hunter2' },
      JSON.stringify(objectOf({ password: 'hunter2' })),
    ],
    ['of 7 characters under the same name', { password: 'hunter2' }, '{"spec":{"password":"hunter2"}}'],
    [
      'of 7 characters in base64 under the same name',
      { password: 'hunter2' },
      `password: ${base64('hunter2')}`,
    ],
    [
      'of 7 characters and a line end under the same name',
      { password: 'hunter2\n' },
      '{"password":"hunter2"}',
    ],
    ['of 7 characters under the same name, with a line end', { p: 'hunter2' }, '{"p":"hunter2\\n"}'],
    ['of 8 characters in another place', { p: '8letters' }, 'kept for 8letters.'],
    ['of 8 characters and a space', { p: '8 letters' }, 'kept for 8 letters.'],
    ['in an object in base64', { p: 'correct-horse' }, base64(JSON.stringify({ x: 'correct-horse' }))],
    ['in base64 in base64', { p: 'correct-horse' }, base64(base64('correct-horse'))],
    ['in several lines of indented YAML', lines, 'x:\n  conf: |\n    user=a\n    password=s3cr3t-s3cr3t\n'],
    ['in a folded line', { p: 'one two three four' }, 'x: >-\n  one two\n  three four\n'],
    ["in YAML's single quotes", { p: "it's-a-secret" }, "{x: 'it''s-a-secret'}"],
    ["in YAML's double quotes", { p: 'a\tb\u00e9-secret' }, 'x: "a\\tb\\xe9-secret"'],
    ['without its line end', { p: 'correct-horse\n' }, 'x: correct-horse'],
    ['without its line end, in base64', { p: 'correct-horse\n' }, base64('correct-horse')],
    ['in base64 of several lines', { p: 'x'.repeat(90) }, base64('x'.repeat(90)).replace(/.{60}/g, '$&\n')],
    ['in base64url', { p: '>>>???>>>???' }, base64('>>>???>>>???').replaceAll('/', '_').replaceAll('+', '-')],
    ['in YAML of kind Secret, whatever its length', { p: 'abc' }, 'kind: Secret\nstringData: {x: abc}\n'],
  ])('is found %s', async (_where, values, text) => {
    expect(await isFound(values, text)).toBe(true);
  });
  it.each(['gzip', 'deflate'] as const)('is found in an object packed with %s', async (format) => {
    const text = await packed(JSON.stringify(objectOf({ p: 'hunter2' })), format);
    expect(await isFound({ p: 'hunter2' }, text)).toBe(true);
  });
  it.each<[string, Record<string, string>, string]>([
    ['shorter than 8 characters in another place', { user: 'ann' }, 'kept for ann'],
    ['of 7 characters without its spaces, in another place', { p: '7 l e t t e r' }, 'kept for 7letter.'],
    ['that says nothing', { enabled: 'true' }, '{"enabled":true}'],
    ['that the SealedSecret shows anyway', { database: 'payments-db' }, 'database: payments-db'],
    ['beside an object that names a Secret only', { p: 'correct-horse' }, '{"kind":"Secret","name":"db"}'],
  ])('is not found %s', async (_what, values, text) => {
    expect(await isFound(values, text)).toBe(false);
  });
});

describe('a value that is too short to be found in any place', () => {
  it.each([
    ['password', true],
    ['example.com/password', true],
    ['example.com/password-hint', false],
    ['password/hint', false],
  ])('is looked for in the annotation %s: %s', async (annotation, expected) => {
    expect(await finderOf({ password: 'hunter2' }).isIn(annotation, 'hunter2')).toBe(expected);
  });
});

describe('a label', () => {
  it.each([
    ['8letters', true],
    [' 8letters\n', true],
    ['8letters-', false],
    ['7letter', false],
  ])('of the text %j is a value: %s', (text, expected) => {
    expect(finderOf({ a: '8letters', b: '7letter' }).isWhole(text)).toBe(expected);
  });
});

describe('holdsSecret', () => {
  it('unpacks no more than it can hold', async () => {
    const bomb = await packed('a'.repeat(64 << 20), 'gzip');
    expect(bomb.length).toBeLessThan(256 << 10);
    expect(await holdsSecret(bomb)).toBe(false);
  });
  it('reads blank lines once', async () => {
    expect(await holdsSecret('\n'.repeat(500_000))).toBe(false);
  });
  it('reads a line of dashes once', async () => {
    // takes a minute where each dash is tried as a start
    expect(await holdsSecret('-'.repeat(250_000))).toBe(false);
  });
  it('does not follow endlessly nested objects', async () => {
    expect(await holdsSecret(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe(false);
  });
  it('does not follow endlessly nested encodings', async () => {
    let text = JSON.stringify(objectOf({ p: 'x' }));
    for (let depth = 0; depth < 12; depth++) text = base64(text);
    expect(await holdsSecret(text)).toBe(false);
  });
  it.each([
    ['the object of a SealedSecret', '{"kind":"SealedSecret","spec":{"encryptedData":{"a":"x"}}}', false],
    ['a Secret without items', '{"kind":"Secret","data":{}}', false],
    ['a Secret in a list', '{"items":[{"kind":"Secret","data":{"a":"eA=="}}]}', true],
  ])('says of %s: %s', async (_what, text, expected) => {
    expect(await holdsSecret(text)).toBe(expected);
  });
});
