import { describe, expect, it } from 'vitest';
import { SECRET_SHAPE, type Shape } from './expected-types.ts';
import { parseYaml } from './read-yaml.ts';

const changedIn = (yaml: string, shape: Shape = SECRET_SHAPE) =>
  parseYaml(yaml, 'stdin', shape)[0]?.changedPaths;
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'ERR_MANIFEST_INVALID', message: expect.stringMatching(message) });

describe('parseYaml', () => {
  it.each([
    ['a tag for a text', '!qwe123'],
    ['a tag before a text', '!qwe 123'],
    ['a lone exclamation mark', '! 123'],
    ['an anchor for a text', '&abc'],
    ['an anchor that nothing uses', '&abc 123'],
    ['a literal block of nothing', '|'],
    ['a folded block of nothing', '>'],
    ['a comment for a text', '#abc'],
    ['a comment right behind the colon', '# abc'],
    ['a tilde', '~'],
    ['a null', 'null'],
    ['a comment that may be the rest of a value', 'abc #123'],
    ['a switch', 'yes'],
    ['an octal number', '010'],
  ])('warns of %s as a value', (_title, value) => {
    expect(changedIn(`stringData:\n  a: ${value}\n`)).toEqual(['stringData.a']);
  });
  it.each([
    ['a comment with a space', 'abc # old'],
    ['a number that shows itself', '12'],
    ['nothing at all', ''],
    ['quotes of nothing', '""'],
    ['quotes with a sign in them', '"abc #123"'],
    ['a quoted text with a tag', '!secret "abc"'],
    ['a core tag', '!!str 010'],
    ['an empty string by tag', '!!str'],
    ['an anchor with an alias', '&abc 12\n  b: *abc'],
    ['a block', '|\n    abc #123'],
  ])('is silent about %s', (_title, value) => {
    expect(changedIn(`stringData:\n  a: ${value}\n`)).toEqual([]);
  });
  it('warns of data that is emptied, and of nothing else in it', () => {
    expect(changedIn('data: {a: ~, b: 10, c: aGk= }\n')).toEqual(['data.a']);
    expect(changedIn('data:\n  a: !x\n  c: aGk= #x\n')).toEqual(['data.a', 'data.c']);
  });
  it('names keys as the file writes them', () => {
    expect(changedIn('stringData: {y: a, 010: yes, "on": 1.0}\n')).toEqual([
      'stringData.y',
      'stringData.010',
      'stringData.010',
      'stringData.on',
    ]);
    expect(changedIn('on:\n  k: v\n', { entries: { entries: 'string' } })).toEqual(['on']);
  });
  it.each([
    ['a number', '!!int x'],
    ['base64', '!!binary "***"'],
    ['text in base64', '!!binary /w=='],
  ])('refuses what is not %s as its tag says, and names only the place', (_title, value) => {
    expect(() => changedIn(`stringData: {a: ${value}}\n`)).toThrow(
      refusal(/^document 1 of stdin has a value that is not what its tag says: stringData\.a$/),
    );
  });
  it('refuses a question mark at the start of a key in braces, which go-yaml would drop', () => {
    expect(() => changedIn('stringData: {?a: b}\n')).toThrow(refusal(/starts with \?/));
    expect(parseYaml('?a: b\n', 'stdin', 'any')[0]?.value).toEqual({ '?a': 'b' });
  });
  it('reads 20,000 aliases, each found without a search', () => {
    const aliases = 20_000;
    const source = `b:\n${'- k\n'.repeat(aliases)}a: &a x\nd:\n${'- *a\n'.repeat(aliases)}`;
    const d = parseYaml(source, 'stdin', 'any').map(({ value }) => (value as { d: string[] }).d)[0];
    expect(d?.join('')).toBe('x'.repeat(aliases));
  });
  it.each([
    ['a number of 100,000 digits', '9'.repeat(100_000)],
    ['a text before 100,000 spaces', `x${' '.repeat(100_000)}`],
  ])('reads 20,000 aliases of %s, at which it looks once', (_title, text) => {
    const yaml = `a: &a ${text}\nstringData: {${'k: *a, '.repeat(20_000)}}\n`;
    expect(parseYaml(yaml, 'stdin', SECRET_SHAPE)).toHaveLength(1);
  });
  it('shows a part of a long key', () => {
    expect(changedIn(`stringData: {? ${'k'.repeat(2000)} : yes}\n`)).toEqual([
      `stringData.${'k'.repeat(200)}…`,
    ]);
  });
  it('takes the nearest anchor before an alias, also where an alias repeats an anchor', () => {
    expect(parseYaml('a: &x [&y 1]\nb: &y 2\nc: *x\nd: *y\n', 'stdin', 'any')[0]?.value).toMatchObject({
      d: 2,
    });
  });
  const doubling = (levels: number) =>
    Array.from({ length: levels }, (_, level) => `, &a${level + 1} [*a${level}, *a${level}]`).join('');
  it.each([
    ['lists in a merge', `m: {<<: [&a0 []${doubling(45)}]}\n`, /map merge requires/],
    [
      'maps in merges',
      `a0: &a0 {k: v}\n${Array.from({ length: 45 }, (_, n) => `a${n + 1}: &a${n + 1} {<<: [*a${n}, *a${n}]}\n`).join('')}`,
      /excessive aliasing/,
    ],
    ['lists of aliases', `m: [&a0 []${doubling(45)}]\n`, /excessive aliasing/],
    [
      'one map merged again and again',
      `a: &a {${Array.from({ length: 1000 }, (_, n) => `k${n}: v`).join(', ')}}\nb:\n${'  <<: *a\n'.repeat(1000)}`,
      /excessive aliasing/,
    ],
    ['an anchor that holds its own alias', 'a: &a {b: *a}\n', /nested too deeply/],
    ['an anchor that merges itself', 'a: &a {<<: *a}\n', /nested too deeply/],
    ['more levels than a manifest has', `${'- '.repeat(1100)}a`, /nested too deeply|resource exhaustion/],
  ])('refuses %s before it grows', (_title, yaml, message) => {
    expect(() => parseYaml(yaml, 'stdin', 'any')).toThrow(refusal(message));
  });
});

describe('a line break that only YAML 1.1 knows', () => {
  it.each([
    ['in a comment, behind which upstream reads a further item', 'q: a # c\u0085  r: v\n', 1],
    ['in a value without quotes', 'p: x\nq: a\u2028b\n', 2],
    ['in a block', 'q: |\n  a\u2029b\n', 2],
    ['in a directive', '%YAML 1.1\u2028kind: Secret\n---\na: b\n', 1],
    ['as a carriage return in a comment', '# c\rkind: Secret\n', 1],
    ['as a carriage return in a block', 'p: x\r\nq: |\n  a\r---\n  b\n', 3],
    ['as a carriage return before a line end of Windows', 'q: |\n  a\r\r\n  b\n', 2],
    ['as a carriage return between entries', 'a: b\n\rc: d\n', 2],
    ['as a carriage return in a directive', '%YAML 1.1\r---\rkind: Secret\n', 1],
  ])('is refused %s', (_where, source, line) => {
    expect(() => parseYaml(source, 'stdin', 'any')).toThrow(
      `stdin holds U+0085, U+2028, U+2029 or a lone carriage return in line ${line}, where YAML 1.1 breaks the line`,
    );
  });
  it('is none at the end of a line of Windows', () => {
    const source = '# c\r\na: b \r\nq: |\r\n  x\r\n  y\r\nr: "x\r\n  y"\r\n# end\r';
    expect(parseYaml(source, 'stdin', 'any')).toMatchObject([{ value: { a: 'b', q: 'x\ny\n', r: 'x y' } }]);
  });
  it('is part of the value in quotes', () => {
    expect(parseYaml('q: "a\u2028b"\n', 'stdin', 'any')).toMatchObject([{ value: { q: 'a\u2028b' } }]);
  });
});

describe('a byte order mark', () => {
  it('is passed over where a line begins, as in files that were joined', () => {
    const joined = 'a: 1\n---\n\ufeffstringData: {k: v}\n\ufeffdata: {}\n';
    expect(parseYaml(joined, 'stdin', 'any').at(-1)).toMatchObject({
      value: { stringData: { k: 'v' }, data: {} },
    });
  });
});
