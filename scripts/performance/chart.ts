import { escapeXml } from '../xml.ts';
import { type Comparison, formatAim, formatGain, formatVerdict } from './comparison.ts';

/** Units of the picture. At 320 pixels a unit is 0.84 of one, and the smallest letters have 11. */
const [WIDTH, EDGE, LINE, BAR] = [380, 14, 18, 14];
const LETTERS_IN_LINE = 48;
const HEAD = 68;
const FOOT = 34;
const GAP = 14;
/** What the axis may name, the first choice first, and the least distance of two names. */
const STEPS = [1, 10, 100, 1000, 2, 5, 20, 50, 200, 500];
const LEAST_BETWEEN_STEPS = 44;

const STYLE = `svg { --paper: #ffffff; --ink: #1f2328; --soft: #57606a; --line: #d0d7de; --less: #1a7f64; --more: #b3541e; }
@media (prefers-color-scheme: dark) {
svg { --paper: #161b22; --ink: #e6edf3; --soft: #9da7b3; --line: #3d444d; --less: #3fb68f; --more: #e8894a; }
}
text { font: 14px system-ui, -apple-system, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; fill: var(--ink); }
.title { font-size: 16px; font-weight: 600; }
.figure { font-weight: 600; }
.soft { fill: var(--soft); font-size: 13px; font-weight: 400; }
.paper { fill: var(--paper); }
.line, .one { stroke: var(--line); }
.one { stroke: var(--ink); }
.less { fill: var(--less); }
.more { fill: var(--more); }
.aim { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 3 2; }`;

/**
 * Bars to the right where Fuin needs less than upstream, to the left where it needs more, on a logarithmic
 * scale: twice as much and half as much are equally long. A dashed line is the aim.
 *
 * Libraries that were looked at: Vega draws without a DOM, and brings 27 packages of its own; Plot and
 * Chartist need a DOM; of d3-scale a logarithm would be used.
 */
export function drawChart(title: string, comparisons: readonly Comparison[]): string {
  const scale = scaleOf(comparisons);
  const bottom = HEAD + comparisons.reduce((sum, { work }) => sum + heightOf(work), 0);
  const height = bottom + FOOT;
  let top = HEAD;
  const rows = comparisons.map((comparison) => {
    const row = rowXml(comparison, top, scale);
    top += heightOf(comparison.work);
    return row;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escapeXml(title)}</title>
<desc id="desc">${escapeXml(describe(comparisons))}</desc>
<style>
${STYLE}
</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>
<text class="title" x="${EDGE}" y="26">${escapeXml(title)}</text>
${axisXml(scale, bottom)}
${rows.join('\n')}
</svg>
`;
}

/** The whole of a chart in words. */
function describe(comparisons: readonly Comparison[]): string {
  const sentences = comparisons.map(
    ({ work, gain, aim }) => `${work}: ${formatGain(gain)}${aim ? ` (${aimText(aim)})` : ''}.`,
  );
  return `What Fuin needs beside upstream. ${sentences.join(' ')}`;
}

interface Scale {
  /** The least and the greatest gain that are seen. */
  readonly range: readonly [number, number];
  readonly x: (gain: number) => number;
  /** Gains that the axis names. */
  readonly steps: readonly number[];
}

/** From half to double at least, with room for what is shown. */
function scaleOf(comparisons: readonly Comparison[]): Scale {
  const gains = comparisons.flatMap(({ gain, aim }) => (aim ? [gain, aim.gain] : [gain]));
  const range = [Math.min(0.5, ...gains) / 1.1, Math.max(2, ...gains) * 1.1] as const;
  const [low, high] = [Math.log(range[0]), Math.log(range[1])];
  const place = (gain: number) => EDGE + ((Math.log(gain) - low) / (high - low)) * (WIDTH - 2 * EDGE);
  const x = (gain: number) => Number(place(gain).toFixed(1));
  return { x, range, steps: stepsOf({ range, x }) };
}

/** "As much", and other round factors that leave room for their names. */
function stepsOf({ range: [low, high], x }: Omit<Scale, 'steps'>): number[] {
  const steps: number[] = [];
  for (const gain of STEPS.flatMap((step) => [step, 1 / step])) {
    const hasRoom = steps.every((other) => Math.abs(x(gain) - x(other)) >= LEAST_BETWEEN_STEPS);
    if (gain >= low && gain <= high && hasRoom) steps.push(gain);
  }
  return steps;
}

function axisXml({ steps, x }: Scale, bottom: number): string {
  const names = steps.map((gain) => {
    const factor = Math.round(Math.max(gain, 1 / gain));
    return `<text class="soft" x="${x(gain)}" y="${bottom + LINE}" text-anchor="middle">${factor}×</text>`;
  });
  return `<text class="soft" x="${EDGE}" y="50">◀ Fuin needs more</text>
<text class="soft" x="${WIDTH - EDGE}" y="50" text-anchor="end">Fuin needs less ▶</text>
${names.join('\n')}`;
}

function rowXml({ work, gain, aim }: Comparison, top: number, { x, steps }: Scale): string {
  const lines = linesOf(work);
  const names = lines.map(
    (line, at) => `<text x="${EDGE}" y="${top + (at + 1) * LINE - 5}">${escapeXml(line)}</text>`,
  );
  const y = top + (lines.length + 1) * LINE;
  const aimXml = aim ? ` <tspan class="soft">${aimText(aim)}</tspan>` : '';
  const figure = `<text class="figure" x="${EDGE}" y="${y - 5}">${formatGain(gain)}${aimXml}</text>`;
  const [from, to] = [Math.min(x(1), x(gain)), Math.max(x(1), x(gain))];
  const width = Math.max(2, Number((to - from).toFixed(1)));
  const bar = `<rect class="${gain >= 1 ? 'less' : 'more'}" x="${from}" y="${y}" width="${width}" height="${BAR}"/>`;
  const lineAt = (name: string, at: number) =>
    `<line class="${name}" x1="${x(at)}" x2="${x(at)}" y1="${y - 2}" y2="${y + BAR + 2}"/>`;
  const grid = steps.map((step) => lineAt(step === 1 ? 'one' : 'line', step));
  return [...names, figure, ...grid, bar, ...(aim ? [lineAt('aim', aim.gain)] : [])].join('\n');
}

function aimText({ gain, isReached }: NonNullable<Comparison['aim']>): string {
  return `aim: ${formatAim(gain)}, ${formatVerdict(isReached)}`;
}

function heightOf(work: string): number {
  return (linesOf(work).length + 1) * LINE + BAR + GAP;
}

/** Words in lines that are short enough. */
function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= LETTERS_IN_LINE)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
