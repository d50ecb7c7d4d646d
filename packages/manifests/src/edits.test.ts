import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openManifests } from './edit-in-place.ts';
import type { TextEdit } from './edits.ts';

const KEYS = ['a', 'b', 'c', 'd'];
const IN_LINES = [
  'x',
  '"x"',
  '|\n      x\n      y',
  '>-\n      x\n',
  '',
  '~',
  '!!str 12',
  '&N x',
  'x # c',
  'x\n      y',
];
const IN_BRACES = ['x', '"x"', '', '12'];

const entry = fc.record({
  key: fc.constantFrom(
    (key: string) => key,
    (key: string) => `"${key}"`,
    (key: string) => `? ${key}\n    `,
  ),
  value: fc.constantFrom(...IN_LINES),
  above: fc.constantFrom('', '', '    # own\n', '\n'),
});
const flowEntry = fc.record({
  value: fc.constantFrom(...IN_BRACES),
  above: fc.constantFrom('', '    # own\n'),
  behind: fc.constantFrom('', ' # c'),
});
const blockMap = fc
  .tuple(fc.constantFrom('', ' # own', ' &m'), fc.array(entry, { minLength: 1, maxLength: KEYS.length }))
  .map(([head, entries]) => {
    const lines = entries.map(
      ({ key, value, above }, at) => `${above}    ${key(KEYS[at] ?? '')}: ${value.replace('N', `n${at}`)}`,
    );
    return `e:${head}\n${lines.join('\n')}`;
  });
const flowMap = fc
  .tuple(fc.constantFrom('', ','), fc.array(flowEntry, { minLength: 1, maxLength: KEYS.length }))
  .map(([lastComma, entries]) => {
    const lines = entries.map(({ value, above, behind }, at) => {
      const comma = at < entries.length - 1 ? ',' : lastComma;
      return `${above}    ${KEYS[at]}: ${value}${comma}${behind}`;
    });
    return `e: { # own\n${lines.join('\n')}\n  }`;
  });
const file = fc
  .tuple(
    fc.oneof(blockMap, flowMap),
    fc.constantFrom('', '\n', '\n# own\nf: g\n', '\n---\nkind: Y\n'),
    fc.boolean(),
  )
  .map(([map, end, isWindows]) =>
    `kind: X\nspec:\n  ${map}${end}`.replaceAll('\n', isWindows ? '\r\n' : '\n'),
  );
const edits = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...KEYS, 'new', 'newer'),
    text: fc.constantFrom('NEW', 'yes', 'a: b', 'x\ny\n', undefined),
  }),
  { selector: ({ key }) => key },
);

describe('edits', () => {
  it('are made in every layout of a map, and keep line ends and comments on lines of their own', async () => {
    await fc.assert(
      fc.asyncProperty(file, edits, async (source, wanted) => {
        const asked = wanted.map(({ key, text }): TextEdit => {
          const place = { document: 0, path: ['spec', 'e', key] };
          return text === undefined ? { ...place, remove: true } : { ...place, text };
        });
        // it refuses what it cannot make
        const { rewrite } = await openManifests(Buffer.from(source), 'x.yaml');
        const result = String(Buffer.from(await rewrite(asked)));
        expect(result.split('# own').length).toBe(source.split('# own').length);
        if (source.includes('\r\n')) expect(result.replaceAll('\r\n', '')).not.toContain('\n');
      }),
      { numRuns: 300 },
    );
  });
});
