import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TextEdit, treesOf } from '../edits.ts';
import { editYaml } from '../yaml/edit-yaml.ts';
import { editSimpleYaml } from './simple-edits.ts';
import { readSimpleYaml } from './simple-yaml.ts';

const SEALED = `# of the shop
kind: SealedSecret
metadata:
  annotations:
    a.b/c: "true"
  name: db
# between

spec:
    encryptedData:
        password: AgBy+/8=
        # the token
        token: 'Ag'
    template:
        type: Opaque
---
kind: Secret
metadata:
  name: x`;

/** What both make of a text; the first is undefined where the simple editor leaves it to the other. */
function edited(text: string, edits: readonly TextEdit[]) {
  const simple = readSimpleYaml(text, 'any');
  return {
    simple: simple && editSimpleYaml(text, simple, treesOf(edits)),
    parsed: () => editYaml(text, treesOf(edits)),
  };
}

const path = (...keys: string[]) => ({ document: 0, path: keys });
const names = [
  'spec',
  'encryptedData',
  'password',
  'token',
  'template',
  'metadata',
  'annotations',
  'a.b/c',
  'new',
  'kind',
];
const wanted = fc.constantFrom(
  'AgC/+x==',
  '',
  'true',
  '12',
  ' a',
  '{"a":"b"}',
  "it's",
  'a: b',
  'two\nlines',
  `${'word '.repeat(30)}end`,
);
const edits = fc.array(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        document: fc.nat(1),
        path: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
        text: wanted,
      }),
    },
    {
      weight: 3,
      arbitrary: wanted.chain((text) =>
        fc
          .constantFrom('password', 'token', 'new')
          .map((item) => ({ ...path('spec', 'encryptedData', item), text })),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...names)
        .map((item) => ({ ...path('spec', 'encryptedData', item), remove: true as const })),
    },
  ),
  { minLength: 1, maxLength: 3 },
);
const texts = fc.constantFrom(
  ...[SEALED, `${SEALED}\n`, SEALED.replaceAll('\n', '\r\n'), `${SEALED}\n\n# end\n`],
);

describe('editSimpleYaml', () => {
  it('replaces values, adds entries and maps, and leaves every other byte', () => {
    const { simple, parsed } = edited(SEALED, [
      { ...path('spec', 'encryptedData', 'password'), text: 'AgC=' },
      { ...path('spec', 'encryptedData', 'key'), text: 'AgD=' },
      { ...path('metadata', 'labels', 'x'), text: '{}' },
    ]);
    const expected = SEALED.replace('AgBy+/8=', 'AgC=')
      .replace("token: 'Ag'\n", "token: 'Ag'\n        key: AgD=\n")
      .replace('  name: db\n', "  name: db\n  labels:\n    x: '{}'\n");
    expect(simple).toBe(expected);
    expect(parsed()).toBe(expected);
  });
  it.each([
    ['what removes an entry', { ...path('spec', 'encryptedData', 'token'), remove: true as const }],
    ['a value of several lines in the place of another', { ...path('kind'), text: 'a\nb' }],
    ['a string in the place of a map', { ...path('spec'), text: 'a' }],
    ['a map in the place of a string', { ...path('kind', 'a'), text: 'b' }],
    ['a document that is missing', { document: 7, path: ['a'], text: 'b' }],
  ])('leaves %s to the other editor', (_title, edit) => {
    expect(edited(SEALED, [edit]).simple).toBeUndefined();
  });
  it('gives what the other editor gives, or nothing', () => {
    let count = 0;
    const property = fc.property(texts, edits, (text, all) => {
      const { simple, parsed } = edited(text, all);
      if (simple === undefined) return;
      count += 1;
      expect(simple).toBe(parsed());
    });
    fc.assert(property, { numRuns: 1_000 });
    expect(count).toBeGreaterThan(200);
  });
});
