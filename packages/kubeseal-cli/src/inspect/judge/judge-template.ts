import { looksLikeSecret } from '@fuin/crypto-core';
import type { Finding } from './finding.ts';
import { refersOnly } from './helm.ts';
import { judgeValues } from './judge-values.ts';

const SECRET_KIND = /kind["']?[ \t]*:[ \t]*["']?Secret/i;

/**
 * Findings in a file that is neither valid YAML nor JSON, such as a Helm template. It is read line by line.
 */
export async function judgeTemplate(text: string, where: string): Promise<Finding[]> {
  if (looksLikeSecret(text) && !(await refersOnly(text))) {
    const message = `${where} looks like a Secret but is neither valid YAML nor JSON`;
    return [{ rule: 'plain-secret', message, about: ['template'], path: [], line: lineOfKind(text) }];
  }
  const items = sealedItems(text.split(/\r?\n/));
  return judgeValues(
    items.map(({ name, value }) => [name, value] as const),
    (item, at) => ({
      message: `${where}: item ${item} of a SealedSecret`,
      about: ['template', item],
      path: [],
      line: items[at]?.line ?? 1,
    }),
  );
}

function lineOfKind(text: string): number {
  return text.slice(0, SECRET_KIND.exec(text)?.index ?? 0).split('\n').length;
}

interface Item {
  readonly name: string;
  value: string;
  readonly line: number;
}

/** The items of each `encryptedData:`. */
function sealedItems(lines: readonly string[]): Item[] {
  return lines.flatMap((line, at) => {
    const [, flow] = /["']?encryptedData["']?:\s*(.*)$/.exec(line) ?? [];
    if (flow === undefined) return [];
    return flow.startsWith('{')
      ? flowItems(flow, at + 1)
      : blockItems(lines.slice(at + 1), indentOf(line), at + 2);
  });
}

/**
 * The items below a field, one per line. Lines that are indented more belong to the value before them.
 *
 * @param first number of the first line
 */
function blockItems(lines: readonly string[], outer: number, first: number): Item[] {
  const items: Item[] = [];
  let inner = Number.POSITIVE_INFINITY;
  for (const [at, line] of lines.entries()) {
    const indent = indentOf(line);
    const isControl = /^ *\{\{/.test(line); // of the template: no item, but perhaps the value of one
    if (line.trim() === '' || /^ *#/.test(line) || (isControl && indent <= inner)) continue;
    if (indent <= outer) return items;
    inner = Math.min(inner, indent);
    const [, name, value = ''] = /^ *["']?([^"':\s]+)["']?:\s*(.*)$/.exec(line) ?? [];
    const last = items.at(-1);
    if (indent === inner && name !== undefined) items.push({ name, value: textOf(value), line: first + at });
    else if (last) last.value += line.trim();
  }
  return items;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The items of a map in braces. */
function flowItems(source: string, line: number): Item[] {
  if (!source.startsWith('{') || source.startsWith('{{')) return [];
  const pairs = source
    .slice(1)
    .matchAll(/["']?([^"':,{}\s]+)["']?\s*:\s*("[^"]*"|'[^']*'|\{\{.*?\}\}|[^,}]*)/g);
  return [...pairs].map(([, name = '', value = '']) => ({ name, value: textOf(value), line }));
}

/** The value on a line, without quotes, comment, comma and block indicator. */
function textOf(source: string): string {
  const text = source
    .replace(/ +#.*$/, '')
    .trim()
    .replace(/,$/, '');
  return /^[|>][-+0-9]*$/.test(text) ? '' : text.replace(/^(["'])(.*)\1$/, '$2');
}
