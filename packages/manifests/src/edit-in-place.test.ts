import { afterEach, describe, expect, it, vi } from 'vitest';
import { Parser } from 'yaml';
import { openManifests } from './edit-in-place.ts';
import type { TextEdit } from './edits.ts';

const rewriteWith = async (source: string | Uint8Array, edits: readonly TextEdit[]) => {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  return Buffer.from(await (await openManifests(bytes, 'x.yaml')).rewrite(edits));
};
const rewrite = (source: string | Uint8Array, path: string) =>
  rewriteWith(source, [{ document: 0, path: path.split('/'), text: 'NEW' }]);
const remove = (source: string, path: string) =>
  rewriteWith(source, [{ document: 0, path: path.split('/'), remove: true }]);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('openManifests', () => {
  it.each([
    ['a map that an alias repeats', 'x: &e {a: OLD}\nz: *e\n', 'x/a'],
    ['a map that a merge key repeats', 'x: &e {a: OLD}\nz: {<<: *e, b: c}\n', 'x/a'],
    ['an entry that a merge key behind it overrides', 'x: &e {a: OLD}\nz:\n  a: OLD\n  <<: *e\n', 'z/a'],
    ['an alias in the place of a map', 'x: &e {a: OLD}\nz: *e\n', 'z/a'],
    ['a block that an alias in braces repeats', 'x: &e |\n  OLD\nz: {a: *e}\n', 'x'],
  ])('refuses %s and says why, instead of changing more or printing anew', async (_title, source, path) => {
    await expect(rewrite(`# kept\n${source}`, path)).rejects.toMatchObject({
      code: 'ERR_MANIFEST_INVALID',
      message: expect.stringMatching(/^x\.yaml cannot be changed in place: /),
      hint: expect.stringContaining('anchors'),
    });
  });
  it('adds an entry of its own where a merge key brings the old one', async () => {
    const source = 'x: &e {a: OLD}\nz:\n  <<: *e # c\n';
    expect(String(await rewrite(source, 'z/a'))).toBe('x: &e {a: OLD}\nz:\n  <<: *e # c\n  a: NEW\n');
  });
  it('prints a stream of JSON anew, which has no comments to lose', async () => {
    expect(
      JSON.parse(`[${String(await rewrite('{"a":"OLD"}{"b":"c"}', 'a')).replace('}\n{', '},{')}]`),
    ).toEqual([{ a: 'NEW' }, { b: 'c' }]);
  });
  it.each([
    ['UTF-8 with a mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16 as Windows writes it', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 the other way round', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('keeps %s', async (_title, encode) => {
    expect(await rewrite(encode('a: OLD # ü\r\n'), 'a')).toEqual(encode('a: NEW # ü\r\n'));
  });
  it.each([
    ['an entry below a string', 'z: {b: c}\n', 'z/b/c'],
    ['an entry that a merge key brings too', 'x: &e {a: OLD}\nz:\n  <<: *e\n  a: OLD\n', 'z/a'],
    ['a key whose anchor is used', 'x: {&k a: OLD}\nz: *k\n', 'x/a'],
    ['a block that an alias in braces repeats', 'x: &e |\n  OLD\nz: {a: *e}\n', 'x'],
    ['a map', 'x: {a: {b: c}}\n', 'x/a'],
  ])('refuses to remove %s', async (_title, source, path) => {
    await expect(remove(source, path)).rejects.toMatchObject({
      code: 'ERR_MANIFEST_INVALID',
      message: expect.stringMatching(/^x\.yaml cannot be changed in place: /),
    });
  });
  it('renames, annotates, sets and removes in one rewrite', async () => {
    const source = [
      '# mine\r\nkind: SealedSecret\r\nmetadata:\r\n  name: old # c\r\n  labels: {b: c}\r\n',
      'spec:\r\n  encryptedData:\r\n    a: OLD # a\r\n    b: OLD # b\r\n---\r\nkind: Other\r\n',
    ].join('');
    const at = (path: string) => ({ document: 0, path: path.split('/') });
    const edits = [
      { ...at('metadata/name'), text: 'new' },
      { ...at('metadata/namespace'), text: 'blue' },
      { ...at('metadata/labels/b'), remove: true as const },
      { ...at('metadata/labels/app'), text: 'shop' },
      { ...at('spec/encryptedData/a'), remove: true as const },
      { ...at('spec/encryptedData/c'), text: 'NEW' },
      { ...at('spec/template/metadata/annotations/x'), text: 'true' },
      { ...at('spec/template/metadata/labels/gone'), remove: true as const },
    ];
    expect(String(await rewriteWith(source, edits))).toBe(
      [
        '# mine\r\nkind: SealedSecret\r\nmetadata:\r\n  name: new # c\r\n  labels: {"app": "shop"}\r\n  namespace: blue\r\n',
        'spec:\r\n  encryptedData:\r\n    b: OLD # b\r\n    c: NEW\r\n  template:\r\n    metadata:\r\n',
        '      annotations:\r\n        x: "true"\r\n---\r\nkind: Other\r\n',
      ].join(''),
    );
  });
  it('removes from a stream of JSON', async () => {
    const result = String(await remove('{"b":"c","a":"OLD"}\n{"d":"e"}\n', 'a'));
    expect(JSON.parse(`[${result.replace('}\n{', '},{')}]`)).toEqual([{ b: 'c' }, { d: 'e' }]);
  });
  it('keeps byte order marks that begin a line, as in files that were joined', async () => {
    const source = 'a: OLD\n\ufeffb: c\n---\n\ufeffa: d\n';
    expect(String(await rewrite(source, 'a'))).toBe(source.replace('OLD', 'NEW'));
    expect(String(await remove(source, 'b'))).toBe(source.replace('b: c\n', ''));
  });
  it('returns the same bytes when nothing changes', async () => {
    const source = 'a:   OLD\n# c\n\n--- # d\n\na: [OLD]\n...\n';
    expect(String(await rewriteWith(source, []))).toBe(source);
  });
  const documents = (count: number) =>
    Array.from(
      { length: count },
      (_, n) => `metadata: {name: s${n}} # c\nspec:\n  encryptedData:\n    a: OLD\n    b: OLD\n`,
    );
  /** How often the parser starts, and how many tokens it gets, while all items of a file change. */
  const workFor = async (count: number) => {
    const edits = Array.from({ length: count }, (_, document) =>
      ['a', 'b'].map((item) => ({ document, path: ['spec', 'encryptedData', item], text: 'NEW' })),
    ).flat();
    const starts = vi.spyOn(Parser.prototype, 'parse');
    const tokens = vi.spyOn(Parser.prototype, 'next');
    const result = await rewriteWith(documents(count).join('---\n'), edits);
    const work = { starts: starts.mock.calls.length, tokens: tokens.mock.calls.length };
    vi.restoreAllMocks();
    expect(String(result)).toBe(documents(count).join('---\n').replaceAll('OLD', 'NEW'));
    return work;
  };
  it('parses the file once and its result once, however many edits there are', async () => {
    const [some, twice] = [await workFor(50), await workFor(100)];
    expect([some.starts, twice.starts]).toEqual([2, 2]);
    expect(twice.tokens / some.tokens).toBeCloseTo(2, 1);
  });
  it('parses no file of the form that kubeseal prints, and reads the result again all the same', async () => {
    const starts = vi.spyOn(Parser.prototype, 'parse');
    const text = 'kind: SealedSecret\nspec:\n  encryptedData:\n    a: OLD\n  template:\n    type: Opaque\n';
    const edits = [
      { document: 0, path: ['spec', 'encryptedData', 'a'], text: 'NEW' },
      { document: 0, path: ['spec', 'encryptedData', 'b'], text: 'NEW' },
    ];
    const decoded = vi.spyOn(TextDecoder.prototype, 'decode');
    const result = await rewriteWith(text, edits);
    expect(String(result)).toBe(text.replace('a: OLD\n', 'a: NEW\n    b: NEW\n'));
    expect({ parses: starts.mock.calls.length, reads: decoded.mock.calls.length }).toEqual({
      parses: 0,
      reads: 2,
    });
  });
});
