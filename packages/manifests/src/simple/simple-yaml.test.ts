import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vector } from '../../../kubeseal-cli/src/testing/keys.ts';
import { parseEveryReading } from '../every-reading.ts';
import { linesOf } from '../lines.ts';
import { SEALED_SECRET_SHAPE, SECRET_SHAPE, type Shape } from '../yaml/expected-types.ts';
import { parseYaml } from '../yaml/read-yaml.ts';
import { lineOfEntry, readSimpleYaml, type SimpleMap } from './simple-yaml.ts';

const SEALED = `# of the shop
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  annotations:
    sealedsecrets.bitnami.com/cluster-wide: "true"
  creationTimestamp: null

  # its name
  name: 'db'
spec:
  encryptedData:
    password: AgBy+/8=
    .dockerconfigjson: "Ag # no comment"
  template:
    immutable: true
---
kind: Secret`;

/** What the parser makes of a text; undefined where it refuses or warns. */
function parsed(text: string, shape: Shape): unknown[] | undefined {
  try {
    const documents = parseYaml(text, 'x.yaml', shape);
    if (documents.some(({ changedPaths }) => changedPaths.length > 0)) return undefined;
    return documents.map(({ value }) => value);
  } catch {
    return undefined;
  }
}

/** All paths of entries. */
function pathsIn(entries: SimpleMap, above: readonly string[] = []): string[][] {
  return [...entries].flatMap(([name, { value }]) => {
    const path = [...above, name];
    return [path, ...(value instanceof Map ? pathsIn(value as SimpleMap, path) : [])];
  });
}

/** Whether a text that readSimpleYaml reads is the same to the parser. */
function expectSameReading(text: string, shape: Shape): void {
  const simple = readSimpleYaml(text, shape);
  if (!simple) return;
  expect(simple.map(({ value }) => value)).toStrictEqual(parsed(text, shape));
  const lineOf = linesOf(text);
  for (const [index, { entries }] of simple.entries())
    for (const path of pathsIn(entries)) expect(lineOfEntry(entries, path)).toBe(lineOf(index, path));
}

const words = fc.constantFrom(
  ...[
    'kind',
    'SealedSecret',
    'metadata',
    'name',
    'spec',
    'encryptedData',
    'annotations',
    'a',
    'b.c/d-e',
    '.x',
  ],
  ...[
    'y',
    'no',
    'null',
    '~',
    'true',
    '12',
    '0x1f',
    '1e3',
    '.5',
    '.inf',
    '...',
    '<<',
    '=',
    '2020-01-01',
    '1:20',
  ],
  ...['AgBy+/8=', '/', '+', '__proto__', 'constructor', '_', '1_0', '0b1', '0o7', '-', '?'],
);
const values = fc.oneof(
  words,
  words.map((word) => `"${word}"`),
  words.map((word) => `'${word} # x: y'`),
  fc.constantFrom(
    '',
    '""',
    "''",
    '|',
    '>',
    '{}',
    '[]',
    '{a: b}',
    '*a',
    '&a b',
    '!!str a',
    '"\\n"',
    "''''",
    '# c',
    'a # c',
  ),
);
const lines = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constantFrom('', ' ', '  ', '    '), words, fc.constantFrom(': ', ':'), values),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('---', '...', '', '# note', '  # note: x', '- a', '\t', '%YAML 1.1')),
  },
);
const texts = fc
  .array(lines, { maxLength: 12 })
  .map((all) => all.map((line) => `${line.join('')}\n`).join(''));
/** The text with some characters replaced, removed or added. */
const damaged = fc
  .array(
    fc.tuple(
      fc.nat(SEALED.length),
      fc.nat(2),
      fc.constantFrom(
        '',
        ' ',
        '  ',
        '\n',
        '\r',
        '\t',
        ':',
        ': ',
        '#',
        ' #',
        '"',
        "'",
        '-',
        '---\n',
        '&',
        '*',
        '!',
        '\\',
        '\u0085',
        '\u2028',
        '\ufeff',
        'ä',
        '\0',
        '{',
        ',',
        '.',
        '=',
        'name: x\n',
      ),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((edits) =>
    edits.reduce(
      (text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed),
      SEALED,
    ),
  );
const shapes = fc.constantFrom<Shape>('any', SEALED_SECRET_SHAPE, SECRET_SHAPE);

describe('readSimpleYaml', () => {
  it('reads what kubeseal prints, with comments and several documents', () => {
    const simple = readSimpleYaml(SEALED, SEALED_SECRET_SHAPE);
    expect(simple).toHaveLength(2);
    expect(simple?.map(({ value }) => value)).toStrictEqual(parsed(SEALED, SEALED_SECRET_SHAPE));
  });
  it.each([
    ['a key twice', 'a: b\na: c\n'],
    ['a list', 'a:\n  - b\n'],
    ['a value in braces', 'a: {b: c}\n'],
    ['a block', 'a: |\n  b\n'],
    ['an anchor', 'a: &b c\n'],
    ['a tag', 'a: !!str b\n'],
    ['an escape', 'a: "\\x41"\n'],
    ['a comment behind a value', 'a: b #c\n'],
    ['a value on the next line', 'a:\n  b\n'],
    ['an empty value', 'a:\nb: c\n'],
    ['an empty document', 'a: b\n---\n'],
    ['nothing', ''],
    ['a comment alone', '# a\n'],
    ['a number for a string', 'kind: 1\n'],
    ['a key that is no string', 'y: a\n'],
    ['a carriage return in a line', 'a: b\rc: d\n'],
    ['a carriage return at the end', 'a: b\r'],
    ['a tab', 'a:\n\tb: c\n'],
    ['an indented mark', 'a: b\n ---\n'],
    ['entries that are indented differently', 'a:\n   b: c\n  d: e\n'],
  ])('leaves %s to the parser', (_title, text) => {
    expect(readSimpleYaml(text, SECRET_SHAPE)).toBeUndefined();
  });
  it('leaves maps to the parser that are nested deeply', () => {
    const deep = Array.from({ length: 10_000 }, (_, at) => `${' '.repeat(at)}a:\n`).join('');
    expect(readSimpleYaml(`${deep}${' '.repeat(10_000)}a: b\n`, 'any')).toBeUndefined();
  });
  it('reads the vectors of go-yaml like the parser, as far as it reads them', () => {
    for (const { yaml } of JSON.parse(vector('go-yaml/parse.json')) as readonly { readonly yaml: string }[])
      expectSameReading(yaml, SECRET_SHAPE);
  });
  it('reads a text like the parser or not at all', () => {
    fc.assert(fc.property(texts, shapes, expectSameReading), { numRuns: 3_000 });
  });
  it('reads a damaged SealedSecret like the parser or not at all', () => {
    fc.assert(fc.property(damaged, shapes, expectSameReading), { numRuns: 1_500 });
  });
  it('reads line ends of Windows', () => {
    const text = SEALED.replaceAll('\n', '\r\n');
    expect(readSimpleYaml(text, 'any')).toHaveLength(2);
    expectSameReading(text, 'any');
  });
  it('has as many readings as the parser finds: one', () => {
    expect(parseEveryReading(SEALED, 'x.yaml', 'any')).toMatchObject([
      { isWhole: true, duplicates: [] },
      { isWhole: true, duplicates: [] },
    ]);
  });
});
