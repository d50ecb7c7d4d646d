import { describe, expect, it } from 'vitest';
import { parseFlags } from './parse.ts';
import { defineFlags } from './table.ts';

const FLAGS = defineFlags({
  former: { type: 'alias', target: 'all', deprecated: 'use --all', help: '' },
  all: { type: 'bool', default: false, help: '' },
  'older-name': { type: 'alias', target: 'key-ttl', help: '' },
  'key-ttl': { type: 'duration', default: 1000, help: '' },
  size: { type: 'int', default: 4, help: '' },
  rate: { type: 'float32', default: 0.5, help: '' },
  owner: { type: 'string', short: 'o', default: 'nobody', help: '' },
  file: { type: 'stringSlice', default: ['default'], help: '' },
  group: { type: 'stringArray', default: [], help: '' },
  scope: { type: 'enum', choices: ['narrow', 'wide'], default: 'narrow', help: '' },
  port: { type: 'int', default: 1, help: '', check: (text) => (text === '0' ? 'must not be 0' : undefined) },
  version: { type: 'bool', default: false, env: false, help: '' },
});
const DEFAULTS = parseFlags(FLAGS, []).values;
const read = (env: Record<string, string>, ...argv: string[]) =>
  parseFlags(FLAGS, argv, env, { envPrefix: 'APP' });

describe('an environment variable', () => {
  it.each([
    ['APP_ALL', 'true', { all: true }],
    ['APP_KEY_TTL', '2m', { 'key-ttl': 120_000 }],
    ['APP_OLDER_NAME', '2m', { 'key-ttl': 120_000 }],
    ['APP_SIZE', '0x10', { size: 16 }],
    ['APP_RATE', '2', { rate: 2 }],
    ['APP_OWNER', 'me', { owner: 'me' }],
    ['APP_OWNER', '', { owner: '' }],
    ['APP_FILE', 'a,b', { file: ['a', 'b'] }],
    ['APP_FILE', '', { file: [] }],
    ['APP_GROUP', 'a,b', { group: ['a,b'] }],
    ['APP_SCOPE', 'wide', { scope: 'wide' }],
  ])('%s=%s sets its flag', (variable, text, expected) => {
    const { values, changed, warnings } = read({ [variable]: text });
    expect(values).toEqual({ ...DEFAULTS, ...expected });
    expect([...changed]).toEqual(Object.keys(expected));
    expect(warnings).toEqual([]);
  });

  it.each([
    ['APP_ALL', '', 'strconv.ParseBool: parsing "": invalid syntax'],
    ['APP_SIZE', 'x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['APP_RATE', '1e39', 'strconv.ParseFloat: parsing "1e39": value out of range'],
    ['APP_KEY_TTL', '5', 'time: missing unit in duration "5"'],
    ['APP_FILE', 'a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'],
    ['APP_SCOPE', 'Wide', 'must be one of: narrow, wide'],
    ['APP_PORT', '0', 'must not be 0'],
  ])(
    '%s=%s is reported and ignored: upstream would silently take the zero value',
    (variable, text, reason) => {
      const { values, changed, warnings } = read({ [variable]: text });
      expect(values).toEqual(DEFAULTS);
      expect(changed.size).toBe(0);
      expect(warnings).toEqual([`warning: ignoring ${variable}: ${reason}`]);
    },
  );

  it.each(['APP_VERSION', 'app_all', 'APP_all', 'APPALL', 'APP_', 'APP', 'XAPP_ALL', 'OTHER_ALL', 'ALL'])(
    '%s sets nothing',
    (variable) => {
      expect(read({ [variable]: 'true' })).toMatchObject({ values: DEFAULTS, warnings: [] });
    },
  );

  it('sets nothing if the program has no prefix', () => {
    expect(parseFlags(FLAGS, [], { APP_ALL: 'true', _ALL: 'true', ALL: 'true' }).values).toEqual(DEFAULTS);
  });

  it('is overridden by the command line, under any name of the flag', () => {
    expect(read({ APP_ALL: 'true' }, '--all=false').values.all).toBe(false);
    expect(read({ APP_ALL: 'true' }, '--former=false').values.all).toBe(false);
    expect(read({ APP_OWNER: 'me' }, '-o', 'you').values.owner).toBe('you');
    expect(read({ APP_OWNER: 'me' }, '-o', 'you').overridden.size).toBe(0);
  });

  it('comes before the values of the command line in a list, and replaces the default', () => {
    expect(read({ APP_FILE: 'a,b', APP_GROUP: 'a' }, '--file=c', '--group=b').values).toMatchObject({
      file: ['a', 'b', 'c'],
      group: ['a', 'b'],
    });
  });

  it('of a deprecated flag sets its target with a warning', () => {
    expect(read({ APP_FORMER: 'true' })).toMatchObject({
      values: { all: true },
      warnings: ['Flag --former has been deprecated, use --all'],
    });
  });

  it('is read in the order of the names, so that the last name of a flag wins like upstream', () => {
    expect(read({ APP_ALL: 'true', APP_FORMER: 'false' }).values.all).toBe(false);
    expect(read({ APP_OLDER_NAME: '3s', APP_KEY_TTL: '2s' }).values['key-ttl']).toBe(3000);
  });
});
