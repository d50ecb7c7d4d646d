import { describe, expect, it } from 'vitest';
import { readVector } from '../../../test/vectors/read.ts';
import { formatHelp } from './help.ts';
import { parseFlags } from './parse.ts';
import { defineFlags, type FlagRow, type FlagTable } from './table.ts';
import { formatDuration } from './values/duration.ts';
import { quote } from './values/quote.ts';
import { readValue } from './values/values.ts';

type NamedRow = FlagRow & { readonly name: string };

/** Inputs and pflag's answers, see test/vectors/pflag. */
interface Cases {
  readonly flags: readonly NamedRow[];
  readonly parse: readonly ({ readonly argv: readonly string[] } & ParseAnswer)[];
  readonly values: readonly ({ readonly type: ValueType; readonly text: string } & ValueAnswer)[];
  readonly durations: readonly { readonly nanoseconds: number; readonly text: string }[];
  readonly help: readonly { readonly title: string; readonly flags: NamedRow[]; readonly text: string }[];
}

interface ParseAnswer {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly positionals?: readonly string[];
  readonly warnings?: readonly string[];
  readonly help?: boolean;
  readonly error?: string;
}

interface ValueAnswer {
  readonly value?: unknown;
  readonly error?: string;
}

const CASES: Cases = JSON.parse(readVector('pflag/cases.json'));

/** A flag of each type, with the zero value as its default. */
const ROWS = {
  string: { type: 'string', default: '', help: '' },
  bool: { type: 'bool', default: false, help: '' },
  int: { type: 'int', default: 0, help: '' },
  float32: { type: 'float32', default: 0, help: '' },
  duration: { type: 'duration', default: 0, help: '' },
  stringSlice: { type: 'stringSlice', default: [], help: '' },
  stringArray: { type: 'stringArray', default: [], help: '' },
} as const satisfies FlagTable;
type ValueType = keyof typeof ROWS;

/** Where we differ from pflag on purpose: the reason, and our answer by the title of the case. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'pflag skips the flags of "go test", and every mistyped flag that begins like them': {
    '"-test.v"': { error: "unknown shorthand flag: 't' in -test.v" },
    '"-test.run=x" "-a"': { error: "unknown shorthand flag: 't' in -test.run=x" },
  },
  'pflag quotes the first byte of an unknown letter, we quote the letter': {
    '"-é"': { error: "unknown shorthand flag: 'é' in -é" },
    '"-aé"': { error: "unknown shorthand flag: 'é' in -é" },
    '"-😀"': { error: "unknown shorthand flag: '😀' in -😀" },
  },
  'nobody writes a rate as a hexadecimal fraction': Object.fromEntries(
    ['0x1p4', '0x1p-2', '0X1P+2', '0x.8p1', '0x1.8p0', '0x_1p4', '0x1_0p0'].map((text) => [
      `float32 "${text}"`,
      { error: `strconv.ParseFloat: parsing "${text}": invalid syntax` },
    ]),
  ),
  'our tables know the choices of a flag, so help prints them': {
    'a choice of words': '      --scope string   How far. One of: narrow, wide (default "narrow")\n',
  },
  'our tables name the value in typeName, so back quotes are characters like others': {
    'names of values in back quotes': `      --from string   Read from \`file\` or \`other\` (default "x")
      --on            Turn \`it\` on
      --single int    A lone \` quote
      --void int      Empty \`\` quotes
`,
  },
};

const OURS = new Map(Object.values(DIFFERENCES).flatMap((answers) => Object.entries(answers)));
const THEIRS = new Map<string, unknown>([
  ...CASES.parse.map(({ argv, ...answer }) => [argv.map(quote).join(' '), answer] as const),
  ...CASES.values.map(({ type, text, ...answer }) => [`${type} ${quote(text)}`, answer] as const),
  ...CASES.help.map(({ title, text }) => [title, text] as const),
]);

/** Our answer where we differ, otherwise pflag's. */
const expected = (title: string) => (OURS.has(title) ? OURS.get(title) : THEIRS.get(title));

const tableOf = (rows: readonly NamedRow[]): FlagTable =>
  defineFlags(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));

/** Our answer in the form of the file, which leaves out empty parts. */
function parse(table: FlagTable, argv: readonly string[]): ParseAnswer {
  try {
    const { values, changed, positionals, warnings, helpRequested } = parseFlags(table, argv);
    const set = Object.fromEntries([...changed].map((name) => [name, values[name]]));
    return {
      ...(changed.size > 0 && { set }),
      ...(positionals.length > 0 && { positionals }),
      ...(warnings.length > 0 && { warnings }),
      ...(helpRequested && { help: true }),
    };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function read(type: ValueType, text: string): ValueAnswer {
  const reading = readValue(ROWS[type], text);
  return 'reason' in reading ? { error: reading.reason } : reading;
}

/** Our floats are more precise than pflag's. */
function rounded(answer: unknown): unknown {
  const { value } = answer as ValueAnswer;
  return typeof value === 'number' ? { value: Math.fround(value) } : answer;
}

describe('parseFlags', () => {
  const table = tableOf(CASES.flags);
  const rows = CASES.parse.map(({ argv }) => ({ title: argv.map(quote).join(' '), argv }));
  it.each(rows)('understands $title like pflag', ({ title, argv }) => {
    expect(parse(table, argv)).toEqual(expected(title));
  });
});

describe('readValue', () => {
  const rows = CASES.values.map(({ type, text }) => ({ title: `${type} ${quote(text)}`, type, text }));
  it.each(rows.filter(({ type }) => type !== 'float32'))(
    'reads $title like pflag',
    ({ title, type, text }) => {
      expect(read(type, text)).toEqual(expected(title));
    },
  );
  it.each(rows.filter(({ type }) => type === 'float32'))(
    'reads $title like pflag',
    ({ title, type, text }) => {
      const { value, error } = read(type, text);
      const ours =
        error === undefined ? { value: Number.isFinite(value) ? value : String(value) } : { error };
      expect(rounded(ours)).toEqual(rounded(expected(title)));
    },
  );
});

describe('formatDuration', () => {
  it.each(CASES.durations)('prints $text like Go', ({ nanoseconds, text }) => {
    expect(formatDuration(nanoseconds / 1e6)).toBe(text);
  });
});

describe('formatHelp', () => {
  it.each(CASES.help)('lays out $title like pflag', ({ title, flags }) => {
    expect(formatHelp('app', tableOf(flags))).toBe(`Usage of app:\n${expected(title)}`);
  });
});

describe.each(Object.entries(DIFFERENCES))('a difference: %s', (_, answers) => {
  it.each(Object.entries(answers))('%s', (title, ours) => {
    expect(THEIRS.has(title)).toBe(true);
    expect(THEIRS.get(title)).not.toEqual(ours);
  });
});
