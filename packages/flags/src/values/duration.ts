import { quoteBytes } from './quote.ts';

const UNIT_NS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /(\d*)(?:\.(\d*))?([^\d.]*)/y;
const NS_PER_MS = 1e6;

/** Milliseconds, or in Go's words why a string is no duration. */
export type DurationReading = { readonly value: number } | { readonly reason: string };

/**
 * The milliseconds of a duration in Go's format: `720h0m0s`, `1.5h`, `-2m`, `0`.
 *
 * @returns undefined if the string is not a duration; a number without a unit is not one, except 0
 */
export function parseDuration(text: string): number | undefined {
  const reading = readDuration(text);
  return 'value' in reading ? reading.value : undefined;
}

/** Reads a duration like Go: fractions of a nanosecond are dropped, and 64 bits must hold the nanoseconds. */
export function readDuration(text: string): DurationReading {
  const refuse = (what: string): DurationReading => ({
    reason: `time: ${what} duration ${quoteBytes(text)}`,
  });
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return { value: 0 };
  let totalNs = 0n;
  for (PART.lastIndex = 0; PART.lastIndex < unsigned.length; ) {
    const [, whole = '', fraction = '', unit = ''] = PART.exec(unsigned) ?? [];
    if (whole === '' && fraction === '') return refuse('invalid');
    if (unit === '') return refuse('missing unit in');
    const unitNs = Object.hasOwn(UNIT_NS, unit) ? UNIT_NS[unit] : undefined;
    if (unitNs === undefined) return refuse(`unknown unit ${quoteBytes(unit)} in`);
    totalNs += BigInt(whole) * unitNs + BigInt(Math.trunc(Number(`0.${fraction}`) * Number(unitNs)));
  }
  const signedNs = text.startsWith('-') ? -totalNs : totalNs;
  if (unsigned === '' || BigInt.asIntN(64, signedNs) !== signedNs) return refuse('invalid');
  return { value: Number(signedNs) / NS_PER_MS };
}

/** A duration in Go's format: `720h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  if (durationMs < 1e-3) return `${Math.round(durationMs * NS_PER_MS)}ns`;
  if (durationMs < 1) return `${decimal(durationMs * 1e3)}µs`;
  if (durationMs < 1000) return `${decimal(durationMs)}ms`;
  const totalMinutes = Math.floor(durationMs / 60_000);
  const seconds = `${decimal((durationMs - totalMinutes * 60_000) / 1000)}s`;
  if (totalMinutes === 0) return seconds;
  const hours = Math.floor(totalMinutes / 60);
  return hours === 0 ? `${totalMinutes}m${seconds}` : `${hours}h${totalMinutes % 60}m${seconds}`;
}

/** Nine decimals are the nanoseconds of a second; further decimals only come from the rounding of doubles. */
function decimal(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
