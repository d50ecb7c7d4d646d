import { looksLikeSecret } from '@fuin/crypto-core';
import { type Finding, judgeItems } from './check-object.ts';

/**
 * Findings in a file that is neither valid YAML nor JSON, such as a Helm template. It is read line by line.
 */
export function findingsInTemplate(text: string, where: string): Finding[] {
  if (looksLikeSecret(text)) {
    return [{ message: `${where} looks like a Secret but is neither valid YAML nor JSON`, kind: 'clear' }];
  }
  const items = sealedItems(text.split(/\r?\n/)).map(({ name, value }) => [name, value] as const);
  return judgeItems(items, (item) => `${where}: item ${item} of a SealedSecret`);
}

interface Item {
  readonly name: string;
  value: string;
}

/** The items of each `encryptedData:`. */
function sealedItems(lines: readonly string[]): Item[] {
  return lines.flatMap((line, at) => {
    const [, flow] = /["']?encryptedData["']?:\s*(.*)$/.exec(line) ?? [];
    if (flow === undefined) return [];
    return flow.startsWith('{') ? flowItems(flow) : blockItems(lines.slice(at + 1), indentOf(line));
  });
}

/** The items below a field, one per line. Lines that are indented more belong to the value before them. */
function blockItems(lines: readonly string[], outer: number): Item[] {
  const items: Item[] = [];
  let inner = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const indent = indentOf(line);
    const isControl = /^ *\{\{/.test(line); // of the template: no item, but perhaps the value of one
    if (line.trim() === '' || /^ *#/.test(line) || (isControl && indent <= inner)) continue;
    if (indent <= outer) return items;
    inner = Math.min(inner, indent);
    const [, name, value = ''] = /^ *["']?([^"':\s]+)["']?:\s*(.*)$/.exec(line) ?? [];
    const last = items.at(-1);
    if (indent === inner && name !== undefined) items.push({ name, value: textOf(value) });
    else if (last) last.value += line.trim();
  }
  return items;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The items of a map in braces. */
function flowItems(source: string): Item[] {
  if (!source.startsWith('{') || source.startsWith('{{')) return [];
  const pairs = source
    .slice(1)
    .matchAll(/["']?([^"':,{}\s]+)["']?\s*:\s*("[^"]*"|'[^']*'|\{\{.*?\}\}|[^,}]*)/g);
  return [...pairs].map(([, name = '', value = '']) => ({ name, value: textOf(value) }));
}

/** The value on a line, without quotes, comment, comma and block indicator. */
function textOf(source: string): string {
  const text = source
    .replace(/ +#.*$/, '')
    .trim()
    .replace(/,$/, '');
  return /^[|>][-+0-9]*$/.test(text) ? '' : text.replace(/^(["'])(.*)\1$/, '$2');
}
