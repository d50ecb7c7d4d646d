const BEGIN = '# kubeseal git install: begin';
const END = '# kubeseal git install: end';
/** Says that the line before had no end, so that removing gives the file back as it was. */
const WITHOUT_END = ', after a line without an end';
const BLOCK = new RegExp(`(\\r?\\n)?^${BEGIN}(${WITHOUT_END})?\\r?\\n[\\s\\S]*?^${END}\\r?\\n`, 'm');

/**
 * The attributes of these patterns among those that a file has already. Earlier ones of ours are replaced.
 */
export function withAttributes(text: string, patterns: readonly string[]): string {
  const before = withoutAttributes(text);
  const isCut = before !== '' && !before.endsWith('\n');
  const lines = patterns.map((pattern) => `${quoted(pattern)} diff=kubeseal merge=kubeseal\n`);
  return `${before}${isCut ? '\n' : ''}${BEGIN}${isCut ? WITHOUT_END : ''}\n${lines.join('')}${END}\n`;
}

/** The file as it was without them, byte for byte. */
export function withoutAttributes(text: string): string {
  return text.replace(BLOCK, (_block, lineEnd: string | undefined, isCut: string | undefined) =>
    lineEnd === undefined || isCut !== undefined ? '' : lineEnd,
  );
}

/** Git reads a pattern with spaces in quotes. */
function quoted(pattern: string): string {
  return /[\s"\\]/.test(pattern) || pattern.startsWith('#') ? JSON.stringify(pattern) : pattern;
}
