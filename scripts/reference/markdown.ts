/** A table in Markdown; the cells are Markdown on one line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** Text as code, with as many backticks around it as it needs; nothing for no text. */
export function code(text: string): string {
  if (text === '') return '';
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A sentence that begins with a capital and ends with a full stop. */
export function sentence(text: string): string {
  const begun = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.:!?-]$/.test(begun) ? begun : `${begun}.`;
}

/** A fenced block. */
export function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;
}

/** Parts of a page with an empty line between them. */
export function paragraphs(...parts: readonly string[]): string {
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

/** Characters that would end a cell, or read as the beginning of an HTML element. */
function cellText(cell: string): string {
  return cell
    .replace(/\s+/g, ' ')
    .trim()
    .replaceAll('|', '\\|')
    .replace(/`[^`]*`|<(?=[a-zA-Z/!])/g, (found) => (found === '<' ? '&lt;' : found));
}
