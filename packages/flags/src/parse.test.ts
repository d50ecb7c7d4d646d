import { describe, expect, expectTypeOf, it } from 'vitest';
import { parseFlags } from './parse.ts';
import { defineFlags } from './table.ts';

const FLAGS = defineFlags({
  format: { type: 'string', short: 'o', default: 'json', help: 'Output format' },
  raw: { type: 'bool', short: 'r', default: false, help: 'Raw' },
  quick: { type: 'bool', short: 'q', default: false, help: 'Quick' },
  v: { type: 'int', short: 'v', default: 0, env: false, typeName: 'Level', help: 'Verbosity' },
  rate: { type: 'float32', default: 0.5, help: 'Rate' },
  ttl: { type: 'duration', default: 3_600_000, help: 'Life' },
  'from-file': { type: 'stringSlice', default: [], help: 'Files' },
  as: { type: 'stringArray', default: [], help: 'Groups' },
  scope: { type: 'enum', choices: ['strict', 'cluster-wide'], default: 'strict', help: 'Scope' },
  turn: { type: 'alias', target: 'raw', hidden: true, deprecated: 'please use --raw instead', help: '' },
  where: {
    type: 'string',
    default: '',
    help: 'Where',
    check: (text) => (text.includes(':') ? undefined : 'expect file:N'),
  },
});
const parse = (...argv: string[]) => parseFlags(FLAGS, argv);
const withEnv = (env: Record<string, string>, ...argv: string[]) =>
  parseFlags(FLAGS, argv, env, { envPrefix: 'APP' });

describe('parseFlags', () => {
  it('gives every flag its typed default', () => {
    const { values, changed } = parse();
    expect(values).toEqual({
      format: 'json',
      raw: false,
      quick: false,
      v: 0,
      rate: 0.5,
      ttl: 3_600_000,
      'from-file': [],
      as: [],
      scope: 'strict',
      where: '',
    });
    expect(changed.size).toBe(0);
    expectTypeOf(values.scope).toEqualTypeOf<'strict' | 'cluster-wide'>();
    expectTypeOf(values['from-file']).toEqualTypeOf<readonly string[]>();
    expect(Object.isFrozen(values)).toBe(true);
  });
  it.each([
    [['--format=yaml']],
    [['--format', 'yaml']],
    [['-oyaml']],
    [['-o=yaml']],
    [['-o', 'yaml']],
    [['-rqoyaml']],
    [['-rqo=yaml']],
    [['x', '-rqo', 'yaml', 'y']],
  ])('reads %j', (argv) => {
    expect(parse(...argv).values.format).toBe('yaml');
    expect(parse(...argv).changed.has('format')).toBe(true);
  });
  it('takes the value of a boolean only after an equals sign', () => {
    const { values, positionals } = parse('--raw', 'false', '--quick=false');
    expect(values).toMatchObject({ raw: true, quick: false });
    expect(positionals).toEqual(['false']);
  });
  it('reads clusters of short flags', () => {
    expect(parse('-rq').values).toMatchObject({ raw: true, quick: true });
    expect(parse('-r=false').values.raw).toBe(false);
  });
  it('reads a value that looks like a flag, and an empty one', () => {
    expect(parse('-o', '-r').values).toMatchObject({ format: '-r', raw: false });
    expect(parse('--format=').values.format).toBe('');
  });
  it('accepts positional arguments between flags, and only these after a double dash', () => {
    expect(parse('a', '-r', '-', '--', '-q')).toMatchObject({
      positionals: ['a', '-', '-q'],
      values: { raw: true, quick: false },
    });
  });
  it('appends lists and splits slices as CSV', () => {
    expect(parse('--from-file=a,b', '--from-file', '"c,d",e', '--from-file=').values['from-file']).toEqual([
      'a',
      'b',
      'c,d',
      'e',
    ]);
    expect(parse('--as=a,b', '--as=c').values.as).toEqual(['a,b', 'c']);
  });
  it.each([
    ['0x1F', 31],
    ['010', 8],
    ['-2', -2],
    ['1_000', 1000],
  ])('reads the integer %s as Go does', (text, value) => {
    expect(parse(`--v=${text}`).values.v).toBe(value);
  });
  it('reads floats and durations', () => {
    expect(parse('--rate=1e3', '--ttl=2m').values).toMatchObject({ rate: 1000, ttl: 120_000 });
  });
  it('takes the default for an empty enum', () => {
    expect(parse('--scope=').values.scope).toBe('strict');
  });
  it('sets the target of a deprecated alias and warns', () => {
    expect(parse('--turn')).toMatchObject({
      values: { raw: true },
      warnings: ['Flag --turn has been deprecated, please use --raw instead'],
    });
    expect(parse('--turn=false').values.raw).toBe(false);
  });
  it.each([
    [['--x'], 'unknown flag: --x'],
    [['--x=a=b'], 'unknown flag: --x'],
    [['-zz'], "unknown shorthand flag: 'z' in -zz"],
    [['-rz'], "unknown shorthand flag: 'z' in -z"],
    [['-o'], "flag needs an argument: 'o' in -o"],
    [['-ro'], "flag needs an argument: 'o' in -o"],
    [['--format'], 'flag needs an argument: --format'],
    [['---x'], 'bad flag syntax: ---x'],
    [['--=x'], 'bad flag syntax: --=x'],
    [['--constructor'], 'unknown flag: --constructor'],
    [['--scope=foo'], 'invalid argument "foo" for "--scope" flag: must be one of: strict, cluster-wide'],
    [
      ['--quick=maybe'],
      'invalid argument "maybe" for "-q, --quick" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['-v=x'], 'invalid argument "x" for "-v, --v" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [
      ['-v=99999999999999999999'],
      'invalid argument "99999999999999999999" for "-v, --v" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [['--ttl=5'], 'invalid argument "5" for "--ttl" flag: time: missing unit in duration "5"'],
    [['--ttl=soon'], 'invalid argument "soon" for "--ttl" flag: time: invalid duration "soon"'],
    [
      ['--from-file=a"b'],
      'invalid argument "a\\"b" for "--from-file" flag: parse error on line 1, column 2: bare " in non-quoted-field',
    ],
    [['--where=x'], 'invalid argument "x" for "--where" flag: expect file:N'],
  ])('refuses %j in the words of pflag', (argv, message) => {
    expect(() => parse(...argv)).toThrow(expect.objectContaining({ code: 'ERR_USAGE', message }));
  });
  it('stops at -h, and at --help if the table has no such flag', () => {
    expect(parse('-h', '--x').helpRequested).toBe(true);
    expect(parse('-rh').helpRequested).toBe(true);
    expect(parse('--help').helpRequested).toBe(true);
    expect(() => parse('--x', '-h')).toThrow('unknown flag: --x');
  });
  it('reads the environment, and lets the command line override it', () => {
    expect(withEnv({ APP_FORMAT: 'yaml', APP_FROM_FILE: 'a' }, '--from-file=b').values).toMatchObject({
      format: 'yaml',
      'from-file': ['a', 'b'],
    });
    expect(withEnv({ APP_FORMAT: 'yaml' }, '-ojson').values.format).toBe('json');
    expect(withEnv({ APP_V: '7' }).values.v).toBe(0);
  });
  it('reports and ignores a bad value in the environment', () => {
    expect(withEnv({ APP_RAW: 'maybe' })).toMatchObject({
      values: { raw: false },
      warnings: ['warning: ignoring APP_RAW: strconv.ParseBool: parsing "maybe": invalid syntax'],
    });
    // pflag would take the zero value of the type, and say nothing.
    expect(withEnv({ APP_RATE: 'x', APP_TTL: '' }).values).toMatchObject({ rate: 0.5, ttl: 3_600_000 });
  });
});

describe('a flag that is given several times', () => {
  it('keeps the last value and reports the earlier ones', () => {
    const { values, overridden } = parse('-o', 'a', '--format=b', '-oc', '--ttl=1s', '--as=x', '--as=y');
    expect(values).toMatchObject({ format: 'c', as: ['x', 'y'] });
    expect(overridden.get('format')).toEqual(['a', 'b']);
    expect(overridden.has('ttl')).toBe(false);
    expect(withEnv({ APP_FORMAT: 'a' }, '-ob').overridden.size).toBe(0);
  });
});

describe('defineFlags', () => {
  it('refuses two flags with one short form, and an alias without a target', () => {
    const row = { type: 'bool', default: false, help: '' } as const;
    expect(() => defineFlags({ a: { ...row, short: 'x' }, b: { ...row, short: 'x' } })).toThrow(
      '-x is short for',
    );
    expect(() => defineFlags({ a: { type: 'alias', target: 'b', help: '' } })).toThrow(
      '--a is an alias of --b, which does not exist',
    );
  });
});
