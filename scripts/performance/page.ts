import { type Aim, isReached, type Row } from '../../test/bench/support/figures/report.ts';
import type { Result, Results, Run } from '../../test/bench/support/figures/results.ts';
import { paragraphs, table } from '../reference/markdown.ts';
import {
  type Comparison,
  comparisonsOf,
  formatAim,
  formatGain,
  formatVerdict,
  nameWhole,
} from './comparison.ts';
import { SECTIONS, type Section } from './sections.ts';

/** What is written stands between two comments, which stay. */
const WRITTEN =
  /(?<=^<!-- Written by scripts\/performance\/write\.ts [^\n]*-->\n)[\s\S]*?(?=^<!-- End of what is written\. -->$)/m;

/** A chart, and where it lies, from the root. */
export interface ChartOfSection {
  readonly path: string;
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}

/** What the page draws: a chart for each section with rows beside upstream. */
export function chartsOf({ rows }: Results): ChartOfSection[] {
  return SECTIONS.flatMap((section) => {
    const comparisons = comparisonsOf(rowsOf(section, rows));
    const { path, title } = pictureOf(section);
    return comparisons.length === 0 ? [] : [{ path: `docs/${path}`, title, comparisons }];
  });
}

/** The page with the figures of these results in place of those that it had. */
export function renderPage(page: string, results: Results): string {
  const sections = SECTIONS.map((section) => sectionText(section, rowsOf(section, results.rows)));
  return replaceWritten(page, paragraphs(runText(results), ...sections.filter((text) => text !== '')));
}

/**
 * The README with the ratios that count most. It keeps those that it has where the run was a short one, or
 * did not have them.
 *
 * @throws Error for a run of the benchmark, a short one too, that lacks one of them
 */
export function renderReadme(readme: string, { run, rows }: Results): string {
  if (run.leftOut.includes('reconcile')) return readme;
  const comparisons = comparisonsOf(nameWhole(rows.filter(({ benchmark }) => benchmark === 'reconcile')));
  const cells = README_ROWS.map((name) => {
    const found = comparisons.find(({ work }) => name.test(work));
    if (!found) throw new Error(`the results of reconcile have no row ${name.source}`);
    return [found.work, found.upstream, found.ours, formatGain(found.gain)];
  });
  if (run.isShort) return readme;
  return replaceWritten(readme, table(['', 'upstream', 'Fuin', 'Fuin needs'], cells));
}

/** Names of the rows of the benchmark `reconcile` that the README has. */
const README_ROWS: readonly RegExp[] = [
  /^create \d+ SealedSecrets$/,
  /^create \d+ SealedSecrets, upstream with its default limit$/,
  /^restart with \d+ in sync$/,
  /^one new object among \d+, median of/,
  /^one new object among \d+, 99th percentile of/,
];

function replaceWritten(page: string, text: string): string {
  if (!WRITTEN.test(page)) throw new Error('the page has no place for what is written');
  return page.replace(WRITTEN, () => `\n${text}\n`);
}

/** The rows of a section with whole names. @throws Error for a benchmark without a section */
function rowsOf({ benchmarks }: Section, rows: readonly Result[]): Result[] {
  const known = SECTIONS.flatMap((section) => section.benchmarks);
  const unknown = rows.find(({ benchmark }) => !known.includes(benchmark));
  if (unknown) throw new Error(`no section of the page has the benchmark ${unknown.benchmark}`);
  return benchmarks.flatMap((name) => nameWhole(rows.filter(({ benchmark }) => benchmark === name)));
}

function pictureOf({ name, heading }: Section) {
  return { path: `images/performance-${name}.svg`, title: `${heading}, beside upstream` };
}

function runText({ run, rows }: Results): string {
  const judged = SECTIONS.flatMap((section) => rowsOf(section, rows)).filter(
    ({ aim, ratio }) => aim !== undefined && ratio !== undefined,
  );
  const missed = judged.filter(({ aim, ratio }) => aim && ratio !== undefined && !isReached(ratio, aim));
  return paragraphs(
    factsOf(run),
    ...(run.isShort ? [SHORT] : []),
    ...(run.leftOut.length === 0
      ? []
      : [`**Not in this run:** the benchmarks ${run.leftOut.map((name) => `\`${name}\``).join(', ')}.`]),
    `${judged.length - missed.length} of ${judged.length} aims were reached.${missed.length === 0 ? '' : ' Missed:'}`,
    ...(missed.length === 0 ? [] : [missed.map((row) => `- ${row.work}: ${missOf(row)}`).join('\n')]),
  );
}

const SHORT =
  '**This was the short form**, which shows that all works. Its sizes are too small for the aims to mean much.';

function factsOf(run: Run): string {
  const { date, commit, processor, cores, load, node, upstream, kubernetes } = run;
  return (
    `Measured on ${date} at commit \`${commit}\`, on ${cores} cores (${processor}) that had a load of ${load} ` +
    `when it began. Node ${node}, upstream ${upstream}, Kubernetes ${kubernetes}.`
  );
}

/** A picture and up to two tables; nothing for a section that the run did not have. */
function sectionText(section: Section, rows: readonly Result[]): string {
  if (rows.length === 0) return '';
  const comparisons = comparisonsOf(rows);
  const others = rows.filter(({ upstream }) => upstream === undefined);
  const { path, title } = pictureOf(section);
  const picture = `![A chart: ${title}. The next table has its figures.](${path})`;
  return paragraphs(
    `### ${section.heading}`,
    section.text,
    ...(comparisons.length === 0 ? [] : [picture, comparisonTable(comparisons)]),
    ...(others.length === 0 ? [] : ['Beside something other than upstream:', otherTable(others)]),
  );
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const cells = comparisons.map(({ work, ours, upstream, gain, aim }) => [
    work,
    ours,
    upstream,
    formatGain(gain),
    aim ? verdictText(formatAim(aim.gain), aim.isReached) : '',
  ]);
  return table(['work', 'Fuin', 'upstream', 'Fuin needs', 'aim'], cells);
}

function otherTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const { work, ours, against, ratio, aim } = row;
    const verdict = aim && ratio !== undefined ? verdictText(boundOf(aim), isReached(ratio, aim)) : '';
    return [work, ours, against, ratio === undefined ? '' : ratio.toFixed(2), verdict];
  });
  return table(['work', 'Fuin', 'beside', 'ratio', 'aim'], cells);
}

/** What a row has in place of what it aimed at. */
function missOf(row: Result): string {
  const [comparison] = comparisonsOf([row]);
  if (comparison?.aim) return `${formatGain(comparison.gain)}, aim: ${formatAim(comparison.aim.gain)}`;
  return `${row.ratio?.toFixed(2)}${row.aim ? `, aim: ${boundOf(row.aim)}` : ''}`;
}

function boundOf(aim: Aim): string {
  return 'atLeast' in aim ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;
}

function verdictText(bound: string, isReached: boolean): string {
  const verdict = formatVerdict(isReached);
  return `${bound}, ${isReached ? verdict : `**${verdict}**`}`;
}
