import { SealedSecretsError } from '@fuin/crypto-core';
import type { Finding } from './finding.ts';
import { judge } from './judge-object.ts';
import { severityOf } from './rules.ts';

/** Longer actions, and larger files, are not looked into: a hostile file must not take minutes. */
const MAX_ACTION = 10_000;
const MAX_TEMPLATE = 1_000_000;
/** Actions that print nothing themselves. */
const CONTROL = /^\{\{-?\s*(?:if|else|end|range|with|define|block|break|continue|\/\*|\$\w+\s*:?=)/;
/** A literal that a variable gets, which an expression may print later. */
const ASSIGNED_LITERAL = /\$\w+\s*:?=[^}]*["`][^"`]/;

/**
 * Whether a Helm template is in order although it looks like a Secret: with its actions taken for values it
 * is YAML, and each item of each Secret in it refers to a value that is stored elsewhere.
 */
export async function refersOnly(text: string): Promise<boolean> {
  if (text.length > MAX_TEMPLATE) return false;
  const { actions, between } = split(text);
  const isOdd = (action: string) =>
    action.length > MAX_ACTION || action.includes('/*') || ASSIGNED_LITERAL.test(action);
  if (actions.some(isOdd)) return false;
  const { parseEveryReading } = await import('@fuin/manifests/every-reading');
  try {
    const documents = parseEveryReading(asYaml(actions, between), 'template', 'any');
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

/** The actions of a template, and the text before, between and behind them. */
function split(text: string): { actions: string[]; between: string[] } {
  const actions: string[] = [];
  const between: string[] = [];
  let start = 0;
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', start)) {
    const end = text.indexOf('}}', at);
    if (end < 0) break;
    between.push(text.slice(start, at));
    start = end + 2;
    actions.push(text.slice(at, start));
  }
  return { actions, between: [...between, text.slice(start)] };
}

/** The text with a word for each action, and without the lines that only control the template. */
function asYaml(actions: readonly string[], between: readonly string[]): string {
  const words = actions.map((action, at) => (CONTROL.test(action) ? '' : wordFor(at)));
  const marked = between.map((text, at) => `${text}${words[at] ?? ''}`).join('');
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
