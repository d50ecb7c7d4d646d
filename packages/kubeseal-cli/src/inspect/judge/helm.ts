import { SealedSecretsError } from '@fuin/crypto-core';
import type { Finding } from './finding.ts';
import { judge } from './judge-object.ts';
import { severityOf } from './rules.ts';

const ACTION = /\{\{[\s\S]*?\}\}/g;
/** Actions that print nothing themselves. */
const CONTROL = /^\{\{-?\s*(?:if|else|end|range|with|define|block|break|continue|\/\*|\$\w+\s*:?=)/;
/** A literal that a variable gets, which an expression may print later. */
const ASSIGNED_LITERAL = /\$\w+\s*:?=[^}]*["`][^"`]/;

/**
 * Whether a Helm template is in order although it looks like a Secret: with its actions taken for values it
 * is YAML, and each item of each Secret in it refers to a value that is stored elsewhere.
 */
export async function refersOnly(text: string): Promise<boolean> {
  const actions: string[] = text.match(ACTION) ?? [];
  if (actions.some((action) => ASSIGNED_LITERAL.test(action) || action.includes('/*'))) return false;
  const { parseEveryReading } = await import('@fuin/manifests/every-reading');
  try {
    const documents = parseEveryReading(asYaml(text, actions), 'template', 'any');
    const findings: Finding[] = [];
    for (const { readings, isWhole } of documents) {
      if (!isWhole) return false;
      for (const reading of readings)
        findings.push(...(await judge(expanded(reading, actions), { label: 'template', path: [] })));
    }
    return findings.every(({ rule }) => severityOf(rule) !== 'error');
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return false;
  }
}

/** The text with a word for each action, and without the lines that only control the template. */
function asYaml(text: string, actions: readonly string[]): string {
  let at = 0;
  const marked = text.replace(ACTION, (action) => {
    const word = wordFor(at++);
    return CONTROL.test(action) ? '' : word;
  });
  const lines = marked.split(/\r?\n/).map((line) => (/^\s*$/.test(line) ? '' : line));
  return lines.map((line, index) => (isInserted(line, lines, index, actions) ? '' : line)).join('\n');
}

/** Whether a line is only an action that prints entries, as `{{- include "labels" . | nindent 4 }}` does. */
function isInserted(line: string, lines: readonly string[], at: number, actions: readonly string[]): boolean {
  if (!/^\s*FuinAction\d+Z\s*$/.test(line)) return false;
  const before = lines.slice(0, at).findLast((each) => each !== '') ?? '';
  const after = lines.slice(at + 1).find((each) => each !== '') ?? '';
  const isValue =
    /:\s*$/.test(before) && indentOf(before) < indentOf(line) && indentOf(after) < indentOf(line);
  return !isValue || /indent|toYaml/.test(actions[Number(/\d+/.exec(line)?.[0])] ?? '');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function wordFor(at: number): string {
  return `FuinAction${at}Z`;
}

/** The values with the actions in place of their words. */
function expanded(value: unknown, actions: readonly string[]): unknown {
  if (typeof value === 'string')
    return value.replace(/FuinAction(\d+)Z/g, (_word, at: string) => actions[Number(at)] ?? '');
  if (Array.isArray(value)) return value.map((item: unknown) => expanded(item, actions));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expanded(inner, actions)]));
}
