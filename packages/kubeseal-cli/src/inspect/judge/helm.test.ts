import { describe, expect, it } from 'vitest';
import { refersOnly } from './helm.ts';

const ITEM = '  a: {{ .Values.a | b64enc }}\n';
const secret = (items: string, head = '') =>
  `${head}apiVersion: v1\nkind: Secret\nmetadata: {name: db, labels: null, generation: 1}\ndata:\n${items}`;
const action = (length: number) => `  a: {{ ${' '.repeat(length - '{{ .x }}'.length)}.x }}\n`;

describe('refersOnly', () => {
  it.each([
    ['one item', secret(ITEM)],
    ['an item on a line of its own', secret('  a:\n    {{ .Values.a | b64enc }}\n')],
    ['an item on the last line', secret('  a:\n\n    {{ .Values.a | b64enc }}')],
    ['entries that an action prints', secret(`  {{- include "shop.items" . | nindent 2 }}\n${ITEM}`)],
    ['entries below a name', secret('  {{- toYaml .Values.items | nindent 2 }}\n')],
    ['more than ten items', secret(Array.from({ length: 12 }, (_, at) => `  a${at}: {{ .x }}\n`).join(''))],
    ['conditions', secret(`{{ if .x }}\n${ITEM}{{- else if .y }}\n{{end}}\n`, '{{- range $k, $v := .x }}\n')],
    ['a variable', secret(ITEM, '{{ $x := .Values.a }}\n')],
    ['line ends of Windows', secret(ITEM).replaceAll('\n', '\r\n')],
    ['an action that does not end, in a comment', secret(`${ITEM}# {{`)],
    ['an action of 10,000 characters', secret(action(10_000))],
    ['other objects', `- {{ .x }}\n- {kind: ConfigMap, data: {a: hunter2}}\n`],
  ])('is true of a template with %s', async (_what, text) => {
    expect(await refersOnly(text)).toBe(true);
  });
  it.each<[string, string]>([
    ['a value', secret('  a: aHVudGVyMg==\n')],
    ['a value behind an action', secret(`${ITEM}  b: aHVudGVyMg==\n`)],
    ['a value in a second document', `${secret(ITEM)}---\n${secret('  a: aHVudGVyMg==\n')}`],
    ['a value in a list', `items:\n- ${secret('  a: aHVudGVyMg==\n').replaceAll('\n', '\n  ')}`],
    ['a value that a condition wraps', secret('{{ if .x }}\n  a: aHVudGVyMg==\n{{ end }}\n')],
    ['a literal in an action', secret('  a: {{ "hunter2" | b64enc }}\n')],
    ['a comment', secret(ITEM, '{{/* hunter2 */}}\n')],
    ['an action of more than 10,000 characters', secret(action(10_001))],
    ['more than a million characters', secret(`${ITEM}# ${'x'.repeat(1_000_000)}`)],
    ['what is no YAML', secret(`${ITEM}  [`)],
    ...[
      ...['{{ $x := "hunter2" }}', '{{$x="hunter2"}}', '{{- $xy  :=  `hunter2` -}}'],
      ...['{{ $x := printf "hunter2" }}', '{{ $x = "h" }}'],
    ].map((head): [string, string] => [`the literal ${head}`, secret('  a: {{ $x }}\n', `${head}\n`)]),
  ])('is false of a template with %s', async (_what, text) => {
    expect(await refersOnly(text)).toBe(false);
  });
});
