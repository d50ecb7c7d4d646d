import { describe, expect, it } from 'vitest';
import { rewriteManifests } from './edit-in-place.ts';

const rewrite = async (source: string | Uint8Array, path: string) => {
  const bytes = typeof source === 'string' ? Buffer.from(source) : source;
  const edits = [{ document: 0, path: path.split('/'), text: 'NEW' }];
  return Buffer.from(await rewriteManifests({ bytes, where: 'x.yaml', edits }));
};

describe('rewriteManifests', () => {
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
});
