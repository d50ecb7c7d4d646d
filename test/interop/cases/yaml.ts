import { type Case, differs, sealing } from './case.ts';

const NUMBERED = 'the message names document, line and column';
const silent = differs(
  'v0.27.1 exits 0 in silence; later versions fail with the text used here',
  'code',
  'stderr',
);
const malformed = differs('a malformed document fails instead of being skipped', 'code', 'stderr');
const skipped = differs('a malformed document fails instead of being skipped', 'code', 'stderr', 'output');
const named = differs(NUMBERED, 'stderr');
const typed = differs('the message names the field instead of a Go type', 'stderr');
const meta = 'metadata: {name: a, namespace: blue}\n';

const SCALARS = [
  'yes',
  'No',
  'on',
  'OFF',
  'y',
  'N',
  'true',
  '010',
  '0x1F',
  '0o17',
  '0b11',
  '1e3',
  '1.50',
  '1_000',
  '.5',
  '1e6',
  '123456789',
  '12345678901234567890',
  '-0',
  '+1',
  '08',
  '.inf',
  '-.inf',
  '.nan',
];
const TEXTS = [
  '2020-01-01',
  '1:30',
  '2001-12-14t21:59:43.10-05:00',
  'hello',
  '"yes"',
  "'010'",
  '=',
  'x: y'.replace(': ', ':'),
  '-1a',
  '1e400',
  '._',
  '0_x',
];

const scalars = Object.fromEntries([
  ...SCALARS.map((text) => [`reads ${text} like upstream`, `${meta}stringData: {v: ${text}}\n`]),
  ...TEXTS.map((text) => [`reads ${text} as a string`, `${meta}stringData:\n  v: ${text}\n`]),
]);

export const YAML_CASES: readonly Case[] = [
  ...sealing(scalars),
  ...sealing({
    'reads null as empty': `${meta}stringData: {v: null, w: ~, x: }\n`,
    'coerces keys': `${meta}stringData: {yes: a, 1.50: b, 0x10: c}\n`,
    'coerces the namespace': 'metadata: {name: a, namespace: n}\nstringData: {v: x}\n',
    'coerces labels': `metadata: {name: a, namespace: blue, labels: {on: off}}\nstringData: {v: x}\n`,
    'decodes binary values and keys': `${meta}stringData: {a: !!binary aGVsbG8=, !!binary Yg==: x}\n`,
    'reads a number by its tag': `${meta}stringData: {a: !!int "010", b: !!bool "yes", c: !!float "1.50"}\n`,
    'lets a merge key replace what stands before it': `base: &b {p: q}\n${meta}stringData:\n  p: v\n  <<: *b\n`,
    'reads braces that end at the margin': `${meta}stringData: {a: "x",\n"b": "y"\n}\n`,
    'reads JSON with tabs behind a key': `${meta}stringData: {\n\t"a": "x"\n}\n`,
    'reads quotes that end at the margin': `${meta}stringData:\n  a: "x\ny"\n`,
    'reads a comment right behind a quote': `${meta}stringData:\n  a: "x"#c\n  b: 'y'#c\n`,
    'reads integer-like keys': `${meta}stringData: {"10": a, "9": b, "08": c, a2: d, a10: e, a-1: f}\n`,
    'folds and quotes as go-yaml': `metadata:\n  name: a\n  namespace: blue\n  annotations:\n    a: "${'lorem ipsum '.repeat(20)}"\n    b: "line\\nline\\n"\n    c: " space"\n    d: "tab\\there"\n    e: "n"\n    f: "1e3"\n    g: "a: b"\n    h: "#x"\n    i: "é\\u2028x"\n    j: ""\n    k: "2020-01-01"\n    l: "it's"\n    m: "\\U0001F600"\nstringData: {v: x}\n`,
    'writes long keys': `metadata:\n  name: a\n  namespace: blue\n  annotations: {${'k'.repeat(140)}: v}\nstringData: {v: x}\n`,
    'reads a byte order mark': `\ufeff${meta}stringData: {v: x}\n`,
    'reads Windows line ends': `${meta}stringData:\n  v: x\n  w: |\n    a\n    b\n`.replaceAll('\n', '\r\n'),
    'reads several documents': `---\n${meta}stringData: {v: x}\n---\nmetadata: {name: b, namespace: blue}\ndata: {k: aGk=}\n...\n`,
    'skips empty and comment-only documents': `---\n---\n# nothing\n---\n${meta}stringData: {v: x}\n---\n`,
    'lets the last of duplicate keys win': `${meta}stringData: {v: x, v: z}\nmetadata: {name: b, namespace: blue}\n`,
    'reads anchors and aliases': `metadata: &m {name: a, namespace: blue}\nx: *m\nstringData: {v: &v secret, w: *v}\n`,
    'reads merge keys': `base: &b {p: q}\n${meta}stringData: {<<: *b, v: x}\n`,
    'reads block scalars': `${meta}stringData:\n  a: |\n    x\n\n    y\n  b: >-\n    x\n    y\n  c: |+\n    x\n\n`,
    'ignores unknown fields': `${meta}spec: {a: 1}\nstringData: {v: x}\nfoo: bar\n`,
    'reads null sections': `${meta}data: null\nstringData: {v: x}\ntype:\nimmutable: null\n`,
    'reads immutable': `${meta}stringData: {v: x}\nimmutable: true\n`,
    'reads immutable false': `${meta}stringData: {v: x}\nimmutable: false\n`,
    'refuses empty input': ['', silent],
    'refuses only comments': ['# nothing\n---\n', silent],
    'refuses a text': ['hello\n', malformed],
    'refuses a list': ['- a\n- b\n', malformed],
    'refuses an open bracket': ['metadata: {name: a\n', malformed],
    'refuses a bad document among good ones': [`${meta}stringData: {v: x}\n---\nmetadata: [x\n`, skipped],
    'refuses what is not as its tag says': [`${meta}stringData: {v: !!int x}\n`, malformed],
    'refuses binary that is not base64': [`${meta}stringData: {v: !!binary "***"}\n`, malformed],
    'refuses lists in the list of a merge key': [
      `base: &b {p: q}\n${meta}stringData: {<<: [*b, [*b]]}\n`,
      malformed,
    ],
    'refuses a number in data': [`${meta}data: {v: 5}\n`, typed],
    'refuses a list as a value': [`${meta}stringData: {v: [a]}\n`, typed],
    'refuses a text as labels': [
      `metadata: {name: a, namespace: blue, labels: x}\nstringData: {v: x}\n`,
      typed,
    ],
    'refuses base64 with a space': [`${meta}data: {v: "aG k="}\n`, named],
    'refuses base64 without padding': [`${meta}data: {v: aGk}\n`, named],
    'refuses URL-safe base64': [`${meta}data: {v: "_-8="}\n`, named],
    'reads base64 over several lines': `${meta}data:\n  v: |\n    aGVs\n    bG8=\n`,
  }),
  ...sealing(
    {
      'reads JSON':
        '{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a","namespace":"blue"},"data":{"k":"aGk="}}',
      'reads JSON with space before it':
        ' \n\t{"metadata":{"name":"a","namespace":"blue"},"data":{"k":"aGk="}}\n',
      'reads a stream of JSON':
        '{"metadata":{"name":"a","namespace":"blue"},"data":{"k":"aGk="}}{"metadata":{"name":"b","namespace":"blue"},"data":{"k":"aGk="}}',
      'escapes as Go does':
        '{"metadata":{"name":"a","namespace":"blue","annotations":{"x":"<a&b>\\u2028\\u0001\\ud83d\\ude00","b":"\\""}},"data":{"k":"aGk="}}',
      'does not coerce JSON': ['{"metadata":{"name":"a","namespace":"blue"},"stringData":{"k":5}}', typed],
      'refuses a number as name': ['{"metadata":{"name":5},"stringData":{"k":"v"}}', typed],
      'refuses an empty object': ['{}', silent],
      'sorts keys':
        '{"metadata":{"name":"a","namespace":"blue","labels":{"b":"1","a":"2","10":"x","9":"y"}},"stringData":{"z":"1","a":"2","10":"x","9":"y"}}',
    },
    ['-o', 'json'],
  ),
];
