import { escapeXml } from '../xml.ts';
import type { Cast } from './cast.ts';

const [COLUMN, ROW, EDGE, BAR] = [8.43, 20, 16, 32];
const ROWS = 18;
/** Between the line that letters stand on and the end of their row. */
const DESCENT = 5;
/** Seconds that a reader gets for each line, however fast the program was. */
const SECONDS_A_LINE = 0.3;
/** Longer waits are shown as so many. */
const LONGEST_WAIT = 1.5;

/** Lines that appear together. */
interface Step {
  readonly time: number;
  readonly lines: readonly string[];
}

/**
 * A cast as SVG that plays once, in a browser and on a forge. Waits are cut, and a step stays until a person
 * could read it. Anyone who wants no motion sees the end.
 *
 * @throws Error for escape sequences of terminals, which it cannot show
 */
export function renderCast(cast: Cast): string {
  const steps = stepsOf(cast);
  const lines = steps.flatMap((step) => step.lines);
  const columns = Math.max(80, ...lines.map((line) => line.length));
  const width = Math.ceil(columns * COLUMN + 2 * EDGE);
  const height = ROWS * ROW + BAR + 2 * EDGE;
  const end = (steps.at(-1)?.time ?? 0) + 1;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeXml(cast.title)}</title>
<style>
text { font: 14px ui-monospace, "Liberation Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e4e1da; white-space: pre; }
.prompt { fill: #ff8f7f; }
@media (prefers-reduced-motion: no-preference) {
.all { animation: all ${seconds(end)} step-end forwards; }
.step { animation: step 0.2s backwards; }
@keyframes step { from { opacity: 0; } }
@keyframes all {
${scrollFrames(steps, end)}
}
${steps.map(({ time }, at) => `.s${at} { animation-delay: ${seconds(time)}; }`).join('\n')}
}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#1b1a18"/>
<g fill="#57534c"><circle cx="20" cy="17" r="5"/><circle cx="38" cy="17" r="5"/><circle cx="56" cy="17" r="5"/></g>
<svg x="${EDGE}" y="${BAR}" width="${width - 2 * EDGE}" height="${ROWS * ROW + EDGE / 2}">
<g class="all" transform="translate(0 ${-hiddenRows(lines.length) * ROW})">
${stepsXml(steps)}
</g>
</svg>
</svg>
`;
}

/** The command, then what came at once in steps; an incomplete line waits for its end. */
function stepsOf({ command, events }: Cast): Step[] {
  const steps: Step[] = [{ time: 0, lines: [`$ ${command}`] }];
  let [rest, before] = ['', 0];
  for (const [time, text] of events) {
    if (text.includes('\u001b')) throw new Error('the recording holds an escape sequence');
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    const last = steps.at(-1);
    if (lines.length === 0 || !last) continue;
    const pause = Math.max(Math.min(time - before, LONGEST_WAIT), last.lines.length * SECONDS_A_LINE);
    steps.push({ time: last.time + pause, lines });
    before = time;
  }
  return steps;
}

function hiddenRows(count: number): number {
  return Math.max(0, count - ROWS);
}

/** Where the text stands after each step: the last rows are in sight. */
function scrollFrames(steps: readonly Step[], end: number): string {
  let count = 0;
  return steps
    .map(({ time, lines }) => {
      count += lines.length;
      const share = Number(((time / end) * 100).toFixed(3));
      return `${share}% { transform: translateY(${-hiddenRows(count) * ROW}px); }`;
    })
    .join('\n');
}

function stepsXml(steps: readonly Step[]): string {
  let row = 0;
  return steps
    .map(({ lines }, at) => {
      const texts = lines.map((line) => {
        row += 1;
        if (line === '') return '';
        return `<text y="${row * ROW - DESCENT}"${at === 0 ? ' class="prompt"' : ''}>${escapeXml(line)}</text>\n`;
      });
      return `<g class="step s${at}">\n${texts.join('')}</g>`;
    })
    .join('\n');
}

function seconds(time: number): string {
  return `${Number(time.toFixed(2))}s`;
}
