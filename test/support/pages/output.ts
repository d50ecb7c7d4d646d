/** What differs from run to run, and a word for it; both sides of a comparison are put through. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
  [/\bAg[A-Za-z0-9+/]{6,}[A-Za-z0-9+/=]*(\.\.\.)*/g, '<sealed>'],
  [/^ *creationTimestamp: null\n/gm, ''], // newer versions of kubectl leave it out
  [/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g, '<certificate>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<date>'],
  [/SHA256:[A-Za-z0-9+/]{43}/g, '<fingerprint>'],
  [/\b(sealed-secrets-key)[a-z0-9]{5}\b/g, '$1<name>'],
  [/\b(sealed-secrets(?:-controller)?)-[a-z0-9]{5,10}-[a-z0-9]{5}\b/g, '$1-<name>'],
  [/\b(\d+(\.\d+)?(ms|s|m|h|d))+\b|\b\d+(\.\d+)? (ms|s)\b/g, '<time>'],
  [/\.{4,}/g, '....'],
  [/[ \t]+/g, ' '],
  [/ $/gm, ''],
];

/** Output without what no two runs share: sealed values, names, ages, the width of columns. */
export function normalise(text: string): string {
  return VOLATILE.reduce((rest, [pattern, word]) => rest.replace(pattern, word), text).trim();
}

/**
 * What normalised output must be. `...` in the page stands for anything within a line, alone for any lines.
 */
export function patternOf(shown: string): RegExp {
  const lines = normalise(shown).split('\n');
  const patterns = lines.map((line) =>
    line === '...' ? '[\\s\\S]*' : line.split('...').map(literally).join('.*'),
  );
  return new RegExp(`^${patterns.join('\n')}$`);
}

/** Output as a page shows it: sealed values are cut, so that lines stay readable. */
export function forPage(output: string): string {
  const cut = output.replace(/\b(Ag[A-Za-z0-9+/]{12})[A-Za-z0-9+/=]{40,}/g, '$1...');
  return cut.replace(/[ \t]+$/gm, '').trim();
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
