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

/** That a text which readSimpleYaml reads is the same to the parser. @returns whether it reads it */
function expectSameReading(text: string, shape: Shape): boolean {
  const simple = readSimpleYaml(text, shape);
  if (!simple) return false;
  // as JSON, which shows the order and takes a key `constructor` for what it is
  expect(JSON.stringify(simple.map(({ value }) => value))).toBe(JSON.stringify(parsed(text, shape)));
  const lineOf = linesOf(text);
  for (const [index, { entries }] of simple.entries())
    for (const path of pathsIn(entries)) expect(lineOfEntry(entries, path)).toBe(lineOf(index, path));
  return true;
}

/** That readSimpleYaml reads texts like the parser or not at all, and some of them. */
function expectSameReadings(some: fc.Arbitrary<string>, numRuns: number): void {
  let count = 0;
  const property = fc.property(some, shapes, (text, shape) => {
    count += expectSameReading(text, shape) ? 1 : 0;
  });
  fc.assert(property, { numRuns });
  expect(count).toBeGreaterThan(numRuns / 50);
}

const plain = fc.constantFrom(
  ...['kind', 'SealedSecret', 'metadata', 'name', 'spec', 'encryptedData', 'annotations', 'a', 'b.c/d-e'],
  ...['.x', '__proto__', 'constructor', '_', 'template', 'data', 'stringData', '1a', 'a_b', '2020-01-01'],
);
const odd = fc.constantFrom(
  ...['y', 'no', 'null', '~', 'true', '12', '0x1f', '1e3', '.5', '.inf', '...', '---', '<<', '=', '1:20'],
  ...['1_0', '0b1', '0o7', '-', '?', '*a', '&a b', '!!str a', '|', '>', '{}', '[]', '# c', 'a # c', '"\\n"'],
);
const keys = fc.oneof({ weight: 12, arbitrary: plain }, { weight: 1, arbitrary: odd });
const values = fc.oneof(
  { weight: 6, arbitrary: plain },
  {
    weight: 6,
    arbitrary: fc.constantFrom('AgBy+/8=', '/', '+', '""', "''", '"a # b: c"', "'it is'", 'null', 'true'),
  },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: odd.map((word) => `"${word}"`) },
);
const between = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\n', '# note\n', '    # note: x\n', '---\n', '- a\n', '\t\n', '%YAML 1.1\n'),
  },
);
type Node = string | { readonly entries: readonly [string, Node, string][]; readonly indent: string };
const { node } = fc.letrec<{ node: Node; map: Node }>((tie) => ({
  node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, values, tie('map')),
  map: fc.record({
    entries: fc.array(fc.tuple(keys, tie('node'), between), { minLength: 1, maxLength: 4 }),
    indent: fc.constantFrom(' ', '  ', '  ', '    ', ''),
  }),
}));
const printed = (tree: Node, margin = ''): string =>
  typeof tree === 'string'
    ? ` ${tree}\n`
    : tree.entries
        .map(([key, below, comment]) => {
          const inner =
            typeof below === 'string' ? printed(below) : `\n${printed(below, margin + below.indent)}`;
          return `${margin}${key}:${inner}${comment}`;
        })
        .join('');
const texts = fc
  .array(
    node.filter((tree) => typeof tree !== 'string').map((tree) => printed(tree)),
    { minLength: 1, maxLength: 2 },
  )
  .map((documents) => documents.join('---\n'));
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
    expectSameReadings(texts, 3_000);
  });
  it('reads a damaged SealedSecret like the parser or not at all', () => {
    expectSameReadings(damaged, 1_500);
  });
  it('reads line ends of Windows', () => {
    const text = SEALED.replaceAll('\n', '\r\n');
    expect(readSimpleYaml(text, 'any')).toHaveLength(2);
    expect(expectSameReading(text, 'any')).toBe(true);
  });
  it('has as many readings as the parser finds: one', () => {
    expect(parseEveryReading(SEALED, 'x.yaml', 'any')).toMatchObject([
      { isWhole: true, duplicates: [] },
      { isWhole: true, duplicates: [] },
    ]);
  });
});
