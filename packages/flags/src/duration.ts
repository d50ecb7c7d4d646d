const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Milliseconds of a duration as Go writes it: `720h0m0s`, `1.5h`, `-2m`, `0`.
 *
 * @returns undefined when the text is not a duration; a number without unit is none, but for 0
 */
export function parseDuration(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  let totalMs = 0;
  let end = 0;
  while (end < unsigned.length) {
    PART.lastIndex = end;
    const part = PART.exec(unsigned);
    if (!part) return undefined;
    totalMs += Number(part[1]) * (UNIT_MS[part[2] ?? ''] ?? Number.NaN);
    end = PART.lastIndex;
  }
  if (end === 0) return undefined;
  return text.startsWith('-') ? -totalMs : totalMs;
}

/** A duration as Go prints it: `720h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  if (durationMs < 1e-3) return `${Math.round(durationMs * 1e6)}ns`;
  if (durationMs < 1) return `${trimmed(durationMs * 1e3)}µs`;
  if (durationMs < 1000) return `${trimmed(durationMs)}ms`;
  const totalMinutes = Math.floor(durationMs / 60_000);
  const seconds = `${trimmed((durationMs - totalMinutes * 60_000) / 1000)}s`;
  if (totalMinutes === 0) return seconds;
  const hours = Math.floor(totalMinutes / 60);
  return hours === 0 ? `${totalMinutes}m${seconds}` : `${hours}h${totalMinutes % 60}m${seconds}`;
}

/** Nine decimals are nanoseconds of a second: beyond them is only rounding of doubles. */
function trimmed(value: number): string {
  return String(Number(value.toFixed(9)));
}
