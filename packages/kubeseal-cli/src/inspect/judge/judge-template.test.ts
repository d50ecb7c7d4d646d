import { describe, expect, it } from 'vitest';
import { judgeTemplate } from './judge-template.ts';

const HEAD = '{{ if .on }}\nkind: SealedSecret\nspec:\n';
const REFERENCE = '{{ .Values.a }}';
/** Items that are not sealed, and their lines. */
const found = async (text: string) =>
  (await judgeTemplate(text, 'a.yaml')).map(({ about, line }) => [about[1], line]);

describe('judgeTemplate, for Secrets', () => {
  it.each(['kind: Secret', '"kind": "Secret"', "'kind' : 'Secret'", 'kind  :\tSecret', 'kind:Secret'])(
    'names the line of %s',
    async (kind) => {
      const text = `{{ if .on }}\nmetadata: {}\n${kind}\n"data": {a: hunter2}\n`;
      expect(await judgeTemplate(text, 'a.yaml')).toEqual([
        {
          rule: 'plain-secret',
          message: 'a.yaml looks like a Secret but is neither valid YAML nor JSON',
          about: ['template'],
          path: [],
          line: 3,
        },
      ]);
    },
  );
});

describe('judgeTemplate, for SealedSecrets', () => {
  it('tells an item that is not sealed, and where it is', async () => {
    expect(await judgeTemplate(`${HEAD}  encryptedData:\n    a: hunter2\n`, 'a.yaml')).toEqual([
      {
        rule: 'not-sealed',
        message: 'a.yaml: item a of a SealedSecret is not sealed',
        about: ['template', 'a'],
        path: [],
        line: 5,
      },
    ]);
  });
  it('finds nothing in a template without such a field', async () => {
    expect(await found(`${HEAD}  other:\n    a: hunter2\n`)).toEqual([]);
  });
  it.each<[string, string, [string, number][]]>([
    [
      'in quotes',
      '    "a": \'hunter2\'\n    \'b\': "hunter2"\n',
      [
        ['a', 5],
        ['b', 6],
      ],
    ],
    [
      'behind an empty line',
      '    a: x\n\n \n    b: y\n',
      [
        ['a', 5],
        ['b', 8],
      ],
    ],
    [
      'behind comments',
      '# one\n    a: x\n#b: y\n   # c: z\n    d: y\n',
      [
        ['a', 6],
        ['d', 9],
      ],
    ],
    ['behind a line of the template', '{{ if .x }}\n    {{- if .y }}\n    a: x\n', [['a', 7]]],
    ['and none of the field behind it', '    a: x\n  template:\n    b: y\n', [['a', 5]]],
    [
      'and no line of its block',
      '    a: |\n      b: hunter2\n      c\n    d: x\n',
      [
        ['a', 5],
        ['d', 8],
      ],
    ],
    ['and no text that is no item', '    hunter2\n    a: x\n', [['a', 6]]],
  ])('finds the items %s', async (_where, items, expected) => {
    expect(await found(`${HEAD}  encryptedData:\n${items}`)).toEqual(expected);
  });
  it.each([
    `a: ${REFERENCE}`,
    `a:   ${REFERENCE}   # where it comes from`,
    `a: "${REFERENCE}" # note`,
    `a: '${REFERENCE}',`,
    `a: >-\n      ${REFERENCE}`,
    `a: |2\n      ${REFERENCE}`,
    `a: |+10\n      ${REFERENCE}`,
    `a:\n\n      ${REFERENCE}`,
    `a:\n      # note\n      ${REFERENCE}`,
  ])('accepts the item %s', async (item) => {
    expect(await found(`${HEAD}  encryptedData:\n    ${item}\n`)).toEqual([]);
  });
  it.each([
    `a: x"${REFERENCE}"`,
    `a: "${REFERENCE}"x`,
    `a: ${REFERENCE},x`,
    `a: x|\n      ${REFERENCE}`,
    `a: |x\n      ${REFERENCE}`,
    `a: ${REFERENCE}\n      hunter2`,
    `a: ${REFERENCE}#x`,
  ])('refuses the item %s', async (item) => {
    expect(await found(`${HEAD}  encryptedData:\n    ${item}\n`)).toEqual([['a', 5]]);
  });
  it.each<[string, string[]]>([
    ['{a: hunter2}', ['a']],
    ['{"a": "hunter2", \'bc\' : \'x\'}', ['a', 'bc']],
    ['{a:hunter2,b:x}', ['a', 'b']],
    [`{a: ${REFERENCE}, b: x}`, ['b']],
    [`{a: "{{ .Values.a }}", b: '{{ .Values.b }}', c: {{ get .Values "a" }}}`, []],
    [`{a: "x, b: y", c: 'x, d: y'}`, ['a', 'c']],
    ['{{ toYaml .Values.a }}', []],
  ])('judges the items of %s', async (items, expected) => {
    const line = 4;
    expect(await found(`${HEAD}  "encryptedData":  ${items}\n`)).toEqual(
      expected.map((item) => [item, line]),
    );
  });
});
