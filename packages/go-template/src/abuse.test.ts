import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../test/support/time/patience.ts';
import { createRenderer, TemplateError } from './index.ts';
import type { CallOptions } from './renderer.ts';

const TIMEOUT_MS = 500;
/** Calls that come and go while one abusive template runs. */
const OTHERS = 3;
const values = new Map([['v', new TextEncoder().encode('x')]]);
const renderer = createRenderer({ timeoutMs: PATIENCE_MS });

const render = (text: string, call: CallOptions = {}): Promise<ReadonlyMap<string, Uint8Array>> =>
  renderer.render({ templates: { item: text }, values }, call);

const growing = '{{ $s := "0123456789abcdef" }}{{ range until 40 }}{{ $s = cat $s $s }}{{ end }}{{ len $s }}';
const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);
const forever = (expression: string): string => `{{ range until 30000 }}{{ $x := ${expression} }}{{ end }}`;

const abuses: readonly [name: string, template: string, ...kinds: string[]][] = [
  ['a range over a huge list', '{{ range until 1000000000 }}x{{ end }}', 'memory-limit'],
  ['a range over a huge number', '{{ range 1000000000000 }}{{ end }}', 'time-limit'],
  ['a range that prints for ever', '{{ range 1000000000000 }}0123456789{{ end }}', 'output-too-large'],
  ['a huge list by steps', '{{ untilStep 0 2000000000 1 | len }}', 'memory-limit'],
  [
    'steps of zero',
    '{{ untilStep 0 10 0 | len }}{{ range 1000000000000 }}{{ end }}',
    'time-limit',
    'memory-limit',
  ],
  ['a huge sequence', '{{ seq 1 1000000000 | len }}', 'memory-limit', 'time-limit'],
  ['a huge repeat', '{{ repeat 1000000000 "x" | len }}', 'memory-limit'],
  ['a repeat beyond all numbers', '{{ repeat 9223372036854775807 "xx" }}', 'function-failed'],
  ['a repeat just above the limit', '{{ repeat 1048577 "x" }}', 'output-too-large'],
  [
    'a template that calls itself',
    '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
    'recursion-limit',
  ],
  [
    'templates that call each other',
    '{{ define "a" }}{{ template "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
    'recursion-limit',
  ],
  [
    'a template that calls itself twice',
    '{{ define "t" }}{{ if lt . 60 }}{{ template "t" (add1 .) }}{{ template "t" (add1 .) }}{{ end }}{{ end }}{{ template "t" 0 }}',
    'time-limit',
  ],
  [
    'printing a dict that holds itself',
    '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}',
    'recursion-limit',
  ],
  [
    'copying a dict that holds itself',
    '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d | len }}',
    'recursion-limit',
    'memory-limit',
    'time-limit',
  ],
  [
    'JSON of a dict that holds itself',
    '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ mustToJson $d }}',
    'function-failed',
    'recursion-limit',
  ],
  [
    'merging a dict that holds itself',
    '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ mergeOverwrite $d $e | len }}',
    'recursion-limit',
    'memory-limit',
    'time-limit',
  ],
  [
    'comparing dicts that hold themselves',
    '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $e := dict }}{{ $_ := set $e "d" $e }}{{ deepEqual $d $e }}{{ fail "equal" }}',
    'fail-called',
    'recursion-limit',
  ],
  ['text that doubles', growing, 'memory-limit'],
  [
    'a list that doubles',
    '{{ $l := list 1 2 3 }}{{ range until 40 }}{{ $l = concat $l $l }}{{ end }}{{ len $l }}',
    'memory-limit',
  ],
  ['giant widths', '{{ range until 64 }}{{ printf "%999999d" 1 }}{{ end }}', 'output-too-large'],
  ['a huge indent', '{{ indent 1000000000 "x" | len }}', 'memory-limit'],
  [
    'wrapping a long text to nothing',
    `{{ repeat 200000 "a b " | wrap 1 | repeat 100 | len }}`,
    'memory-limit',
  ],
  ['RSA keys in a loop', forever('genPrivateKey "rsa"'), 'time-limit'],
  ['certificate authorities in a loop', forever('genCA "ca" 1'), 'time-limit'],
  ['DSA parameters', forever('genPrivateKey "dsa"'), 'time-limit'],
  [
    'password derivation in a loop',
    forever('derivePassword 1 "long" "p" "u" "s"'),
    'time-limit',
    'memory-limit',
  ],
  ['bcrypt in a loop', forever('bcrypt "x"'), 'time-limit'],
  [
    'a regular expression that grows',
    `{{ regexMatch (repeat 20000 "(a?){50}") "a" }}{{ fail "x" }}`,
    'memory-limit',
    'time-limit',
    'fail-called',
    'function-failed',
  ],
  [
    'nested repetition',
    '{{ range until 30000 }}{{ $x := mustRegexMatch "((((a{1,10}){1,10}){1,10}){1,10})$" (repeat 9000 "a") }}{{ end }}',
    'function-failed',
    'time-limit',
  ],
  ['nested parentheses', `{{ ${nested('(', ')', 100_000)} }}`, 'recursion-limit', 'parse-error'],
  ['nested blocks', nested('{{ if true }}', '{{ end }}', 50_000), 'recursion-limit', 'memory-limit'],
  [
    'deep JSON',
    `{{ $x := fromJson (cat (repeat 5000000 "[") "1") }}{{ len $x }}`,
    'function-failed',
    'memory-limit',
    'wrong-type',
  ],
  ['a huge slice of random bytes', '{{ randBytes 1000000000 | len }}', 'memory-limit', 'time-limit'],
  [
    'a dict with a million keys',
    '{{ $d := dict }}{{ range 10000000 }}{{ $_ := set $d (toString .) . }}{{ end }}',
    'memory-limit',
    'time-limit',
  ],
  [
    'a decimal with a giant exponent',
    '{{ addf "1e999999999" 1 }}{{ range 1000000000000 }}{{ end }}',
    'time-limit',
    'memory-limit',
    'function-failed',
  ],
];

/** Those that only a limit of time ends. */
const endless = abuses.filter(([, , ...kinds]) => String(kinds) === 'time-limit');
const isFine = new Map([['item', new TextEncoder().encode('X')]]);

describe('an abusive template', () => {
  beforeAll(async () => {
    await Promise.all([render('{{ sha256sum .v }}'), render('{{ sha256sum .v }}')]);
  });
  afterAll(() => renderer.close());

  it.each(abuses)('with %s is contained while another call renders', async (_, template, ...kinds) => {
    const abuse = render(template, { timeoutMs: TIMEOUT_MS }).then(
      () => 'rendered',
      (error: unknown) => (error instanceof TemplateError ? error.failures[0]?.kind : error),
    );
    expect(await render('{{ upper .v }}')).toEqual(isFine);
    expect([...kinds, 'time-limit']).toContain(await abuse); // a slow machine may hit the time limit first
    expect(await render('{{ upper .v }}')).toEqual(isFine);
  });

  it.each(endless)('with %s holds up no other call, however long it runs', async (_, template) => {
    const end = new AbortController();
    let isRunning = true;
    const abuse = render(template, { signal: end.signal }).finally(() => {
      isRunning = false;
    });
    const ended = expect(abuse).rejects.toThrow('enough');
    for (let count = 0; count < OTHERS; count++) expect(await render('{{ upper .v }}')).toEqual(isFine);
    expect(isRunning).toBe(true);
    end.abort(new Error('enough'));
    await ended;
  });
});
