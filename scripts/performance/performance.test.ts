import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Result, Run } from '../../test/bench/support/figures/results.ts';
import { parseResults } from '../../test/bench/support/figures/results.ts';
import { drawChart } from './chart.ts';
import { comparisonsOf, formatAim, formatGain, nameWhole } from './comparison.ts';
import { chartsOf, renderPage, renderReadme } from './page.ts';
import { SECTIONS } from './sections.ts';
import { performanceFiles } from './write.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const files = await performanceFiles();
const WHOLE: Run = { ...parseResults(read('test/bench/results.jsonl')).run, isShort: false, leftOut: [] };
const PAGE = `before
<!-- Written by scripts/performance/write.ts from a file. -->

what was here

<!-- End of what is written. -->
after
`;

function row(work: string, ratio: number, more: Partial<Result> = {}): Result {
  const sides = { ours: '2 s', against: 'upstream 4 s' };
  return { benchmark: 'reconcile', work, ratio, ...sides, upstream: 'upstream/ours', ...more };
}

/** A row beside something other than upstream. */
function alone(work: string, ratio: number, more: Partial<Result> = {}): Result {
  const { upstream: _, ...rest } = row(work, ratio, more);
  return rest;
}

describe('docs/performance.md', () => {
  it.each(Object.entries(files))(
    'and %s are what scripts/performance/write.ts makes of test/bench/results.jsonl',
    (path, text) => {
      expect(existsSync(join(ROOT, path)) ? read(path) : undefined).toBe(text);
    },
  );
  it('has no figure beside those that are written', () => {
    const byHand = renderPage(read('docs/performance.md'), { run: WHOLE, rows: [] }).replace(
      /(?<=^## Results$)[\s\S]*?(?=^## Method$)/m,
      '',
    );
    expect(byHand).toContain('Measure it yourself');
    expect(byHand.match(/\d[\d.,]* ?(?:s|ms|MiB|GiB|%)(?!\w)/g)).toEqual(['10 ms']); // a tick of the kernel
  });
  it('has a place for each benchmark', () => {
    const benchmarks = read('test/bench/bench.ts').matchAll(/^ {2}\{ name: '([\w-]+)'/gm);
    const names = [...benchmarks].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(SECTIONS.flatMap((section) => section.benchmarks).sort()).toEqual(names.sort());
  });
});

describe('renderPage', () => {
  it('says how a run was made, which benchmarks it lacks and that it was short', () => {
    const run = { ...WHOLE, isShort: true, leftOut: ['lint'], load: 7.5 };
    const page = renderPage(PAGE, { run, rows: [] });
    expect(page).toMatch(/^before\n[\s\S]*load of 7\.5[\s\S]*\nafter\n$/);
    expect(page).toContain('short form');
    expect(page).toContain('**Not in this run:** the benchmarks `lint`.');
    expect(page).not.toContain('what was here');
  });
  it('lists what misses its aim, and marks it in its table', () => {
    const rows = [
      row('create 2000', 1.5, { aim: { atLeast: 3 } }),
      row('  CPU time', 5, { aim: { atLeast: 3 } }),
      alone('start', 2.5, { against: 'node 1 s', aim: { atMost: 2 } }),
    ];
    const page = renderPage(PAGE, { run: WHOLE, rows });
    expect(page).toContain('1 of 3 aims were reached. Missed:');
    expect(page).toContain('- create 2000: 1.50× less, aim: at least 3× less');
    expect(page).toContain('- start: 2.50, aim: at most 2');
    expect(page).toContain('| create 2000 | 2 s | 4 s | 1.50× less | at least 3× less, **missed** |');
    expect(page).toContain('| create 2000: CPU time | 2 s | 4 s | 5.00× less | at least 3× less, reached |');
  });
  it('refuses a benchmark that no section has, and a page without a place', () => {
    const rows = [row('x', 1, { benchmark: 'new' })];
    expect(() => renderPage(PAGE, { run: WHOLE, rows })).toThrow('benchmark new');
    expect(() => renderPage('text', { run: WHOLE, rows: [] })).toThrow('no place');
  });
});

describe('renderReadme', () => {
  const rows = [
    row('create 2000 SealedSecrets', 3.75),
    row('create 200 SealedSecrets, upstream with its default limit', 121.4),
    row('restart with 2000 in sync', 50),
    row('one new object among 2000, median of 120', 0.61, { upstream: 'ours/upstream' }),
    row('one new object among 2000, 99th percentile of 120', 1.3, { upstream: 'ours/upstream' }),
  ];
  it('has the ratios that count most', () => {
    const readme = renderReadme(PAGE, { run: WHOLE, rows });
    expect(readme).toContain('| create 2000 SealedSecrets | 4 s | 2 s | 3.75× less |');
    expect(readme).toContain(
      '| create 200 SealedSecrets, upstream with its default limit | 4 s | 2 s | 121× less |',
    );
    expect(readme).toContain(
      '| one new object among 2000, 99th percentile of 120 | 4 s | 2 s | 1.30× more |',
    );
  });
  it('keeps what it has where a run was short or lacks them', () => {
    expect(renderReadme(PAGE, { run: { ...WHOLE, isShort: true }, rows })).toBe(PAGE);
    expect(renderReadme(PAGE, { run: { ...WHOLE, leftOut: ['reconcile'] }, rows: [] })).toBe(PAGE);
  });
  it('refuses results in which a row has another name, of a short run too', () => {
    for (const isShort of [false, true]) {
      const run = { ...WHOLE, isShort };
      expect(() => renderReadme(PAGE, { run, rows: rows.slice(1) })).toThrow('have no row ^create');
    }
  });
});

describe('comparisonsOf', () => {
  it('turns both ways to write a ratio into one, with its aim', () => {
    const [faster, larger] = comparisonsOf([
      row('a', 4, { aim: { atLeast: 3 } }),
      row('b', 1.6, { upstream: 'ours/upstream', aim: { atMost: 1.25 } }),
    ]);
    expect(faster).toMatchObject({ gain: 4, upstream: '4 s', aim: { gain: 3, isReached: true } });
    expect(larger).toMatchObject({ gain: 0.625, aim: { gain: 0.8, isReached: false } });
  });
  it.each([
    ['upstream 27.1 ms CPU', '27.1 ms CPU'],
    ['upstream, a call for each 10.86 s', '10.86 s (a call for each)'],
    ["upstream's kubeseal twice 123 ms", '123 ms (twice)'],
    ['upstream, of v1 5.00 s', '5.00 s (of v1)'],
    ['upstream 1.2 ms an object (200 objects)', '1.2 ms an object (200 objects)'],
  ])('takes the figure from %s', (against, figure) => {
    expect(comparisonsOf([row('a', 2, { against })])[0]?.upstream).toBe(figure);
  });
  it('refuses a ratio that no bar can show', () => {
    for (const ratio of [0, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => comparisonsOf([row('a', ratio)])).toThrow('a has no ratio');
  });
});

describe('nameWhole', () => {
  it('gives rows that go on from another one a name that stands alone', () => {
    const names = nameWhole([row('a', 1), row('', 1), row('  b', 1), row('c', 1)]).map(({ work }) => work);
    expect(names).toEqual(['a', 'a', 'a: b', 'c']);
  });
});

describe('the words for a gain', () => {
  it.each([
    [121.4, '121× less'],
    [34.56, '34.6× less'],
    [3.749, '3.75× less'],
    [1.004, 'as much'],
    [0.5, '2.00× more'],
  ])('%d: %s', (gain, words) => {
    expect(formatGain(gain)).toBe(words);
  });
  it.each([
    [3, 'at least 3× less'],
    [1, 'at most as much'],
    [1 / 1.3, 'at most 1.3× more'],
  ])('an aim of %d: %s', (gain, words) => {
    expect(formatAim(gain)).toBe(words);
  });
});

describe('drawChart', () => {
  const chart = drawChart('A & B', [
    { work: 'less <b>', ours: '', upstream: '', gain: 40, aim: { gain: 10, isReached: true } },
    { work: 'more', ours: '', upstream: '', gain: 0.5 },
  ]);
  /** Bars as their class, and where they begin and end. */
  const bars = [...chart.matchAll(/<rect class="(less|more)" x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(
    ([, kind, x, width]) => ({ kind, from: Number(x), to: Number(x) + Number(width) }),
  );
  const one = Number(/<line class="one" x1="([\d.]+)"/.exec(chart)?.[1]);
  const aim = Number(/<line class="aim" x1="([\d.]+)"/.exec(chart)?.[1]);

  it('has bars to the right for less and to the left for more, and marks the aim', () => {
    expect(bars.map(({ kind }) => kind)).toEqual(['less', 'more']);
    expect(bars[0]?.from).toBeCloseTo(one);
    expect(bars[1]?.to).toBeCloseTo(one);
    expect((aim - one) / ((bars[0]?.to ?? 0) - one)).toBeCloseTo(Math.log(10) / Math.log(40), 2);
  });
  it('says the same in words, with markup as text', () => {
    expect(chart).toContain('<title id="title">A &#38; B</title>');
    expect(chart).toContain(
      'less &#60;b&#62;: 40.0× less (aim: at least 10× less, reached). more: 2.00× more.</desc>',
    );
  });
  it('runs nothing, loads nothing and has a dark side', () => {
    expect(chart).not.toMatch(/<script|@import|url\(|href|<image/);
    expect(chart).toContain('@media (prefers-color-scheme: dark)');
  });
});

describe('chartsOf', () => {
  it('draws only what was compared with upstream', () => {
    expect(chartsOf({ run: WHOLE, rows: [alone('a', 2)] })).toEqual([]);
    const [chart] = chartsOf({ run: WHOLE, rows: [alone('a', 2), row('b', 2)] });
    expect(chart?.path).toBe('docs/images/performance-controller.svg');
    expect(chart?.comparisons.map(({ work }) => work)).toEqual(['b']);
  });
});
