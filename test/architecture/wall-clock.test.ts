import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const CLOCK = /\b(?:performance|Date)\.now\(\)|\bprocess\.hrtime\b|\bnew Date\(\)/;
/** `const x = ...;` and `x = ...;` */
const ASSIGNMENT = /(?:^|[^\w.])(\w+) = ([^;]*);/g;
const ASSERTION = /\bexpect(?:\.soft)?\(([^;]*?)\)\s*(\.not)?\s*\.(\w+)\(([^;]*)\);/g;

/**
 * Assertions of a test that fail where the machine is slow: those with an upper bound on the time between two
 * looks at the clock. A bound that grows with that time, or a lower one, is met by a slow machine too.
 */
function upperBounds(source: string): string[] {
  const assignments = [...source.matchAll(ASSIGNMENT)].map(([, name = '', value = '']) => ({ name, value }));
  const spans = new Set<string>();
  const isSpan = (text: string) =>
    (CLOCK.test(text) && / - /.test(text)) ||
    [...spans].some((name) => new RegExp(`\\b${name}\\b`).test(text));
  for (let before = -1; before < spans.size; ) {
    before = spans.size;
    for (const { name, value } of assignments)
      if (!/=>|\bawait\b/.test(value) && isSpan(value)) spans.add(name);
  }
  const isUpper = ([, actual = '', not, matcher = '', bound = '']: readonly string[]) => {
    const [least, most] = not ? ['toBeLessThan', 'toBeGreaterThan'] : ['toBeGreaterThan', 'toBeLessThan'];
    if (matcher.startsWith(most)) return isSpan(actual) && !isSpan(bound);
    if (matcher.startsWith(least)) return isSpan(bound) && !isSpan(actual);
    return matcher === 'toBeCloseTo' ? isSpan(actual) : / <=? | >=? /.test(actual) && isSpan(actual);
  };
  return [...source.matchAll(ASSERTION)].filter(isUpper).map(([text]) => text.replace(/\s+/g, ' '));
}

describe('tests', () => {
  it.each([
    'expect(performance.now() - begin).toBeLessThan(2_000);',
    'const tookMs = Date.now() - begin; expect(tookMs).toBeLessThanOrEqual(2_000);',
    'const seconds = (performance.now() - begin) / 1000; const slow = seconds * 2; expect(slow).not.toBeGreaterThan(2);',
    'const tookMs = performance.now() - begin;\nexpect(2_000).toBeGreaterThan(\n  tookMs,\n);',
    'expect(Date.now() - begin < 2_000).toBe(true);',
    'expect(Math.abs(Date.now() - begin)).toBeCloseTo(0);',
  ])('are found that fail on a slow machine: %s', (source) => {
    expect(upperBounds(source)).toHaveLength(1);
  });
  it.each([
    'expect(performance.now() - begin).toBeGreaterThan(1_900);',
    'const tookMs = performance.now() - begin; expect(requests).toBeLessThan(tookMs * rate);',
    'const begin = performance.now(); await work(); expect(ended).toBe(3);',
    'const later = new Date(Date.now() + 60_000); expect(later.getTime()).toBeLessThan(limit);',
  ])('are left alone that a slow machine passes: %s', (source) => {
    expect(upperBounds(source)).toEqual([]);
  });
  it('set no upper limit on how long something takes: they count the work instead', () => {
    const files = globSync('{packages,test,deploy,examples,scripts}/**/*.test.ts', {
      cwd: root,
      exclude: ['**/node_modules/**', '**/.cache/**'],
    }).filter((file) => file !== 'test/architecture/wall-clock.test.ts');
    expect(files.length).toBeGreaterThan(100);
    const found = files.flatMap((file) =>
      upperBounds(readFileSync(join(root, file), 'utf8')).map((text) => `${file}: ${text}`),
    );
    expect(found).toEqual([]);
  });
});
