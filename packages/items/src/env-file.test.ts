import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../../test/support/time/growth.ts';
import { itemsOfEnvFile } from './env-file.ts';

const read = (text: string) => Object.fromEntries(itemsOfEnvFile(text, '.env'));

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

describe('itemsOfEnvFile', () => {
  it.each<[string, string, Record<string, string>]>([
    ['comments and blank lines', '# a\n\n  # b\nA=1\n', { A: '1' }],
    ['export', 'export A=1\n  export B="2"', { A: '1', B: '2' }],
    ['values without quotes, trimmed', 'A = a b \nB=c=d', { A: 'a b', B: 'c=d' }],
    ['comments behind values', 'A=a b # c\nB="x" # y\nC= # z', { A: 'a b', B: 'x', C: '' }],
    ['empty values', 'A=\nB=""', { A: '', B: '' }],
    ['spaces as an empty value', 'A= \nB=1', { A: '', B: '1' }],
    ['single quotes literally', "A='x\\ny $B #1 \"'", { A: 'x\\ny $B #1 "' }],
    ['\\n in double quotes as a line break', 'A="x\\ny"', { A: 'x\ny' }],
    ['values of several lines', 'A="one\n# two\nB=3"\nC=\'4\n5\'', { A: 'one\n# two\nB=3', C: '4\n5' }],
    ['lines of Windows', 'A=1\r\nB="2\r\n3"\r\n', { A: '1', B: '2\n3' }],
    ['backticks', 'A=`it\'s "x"`', { A: 'it\'s "x"' }],
    ['a name that objects have', '__proto__=1\nconstructor=2', { ['__proto__']: '1', constructor: '2' }],
  ])('reads %s', (_what, text, items) => {
    expect([...itemsOfEnvFile(text, '.env')]).toEqual(Object.entries(items));
  });
  it.each([
    ['no assignment', 'A=1\nhunter2\n', 2],
    ['a # in a value without quotes', 'A=hunter2#3', 1],
    ['a # right behind quotes', 'A="hunter2"#3', 1],
    ['text behind quotes', "\nA='hunter2' 3", 2],
    ['an escaped quote', 'A="hunter2\\"3"', 1],
    ['quotes that do not end', 'B=1\nA="hunter2\nC=1', 2],
    ['a name that no variable has', '1A=hunter2', 1],
    ['a name in quotes', '"A"=hunter2', 1],
    ['a colon', 'A: hunter2', 1],
  ])('refuses %s, naming the line only', (_what, text, line) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'ERR_MANIFEST_INVALID',
        message: `line ${line} of .env is not ITEM=VALUE`,
        hint: expect.not.stringContaining('hunter2'),
      }),
    );
  });
  it('reads the values of every file that it accepts like Node', () => {
    const pieces = ['A', 'B=', '=', ' ', '\n', '\\n', '\\', '"', "'", '`', '#', 'x', '$', 'export ', '\r\n'];
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (words) => {
        const text = `A=${words.join('')}`;
        const items = attempt(() => read(text));
        // Node takes the next line for the value of a name with nothing but spaces behind the `=`
        if (!items || /=[^\S\n]+\n/.test(text)) return;
        accepted += 1;
        const node = parseEnv(text.replaceAll('\r\n', '\n')); // finds names in some comments too
        for (const [name, value] of Object.entries(items)) expect(value).toBe(node[name] ?? '');
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });
  it('refuses a name that is there twice', () => {
    expect(() => read('A=1\nB=2\nA=3')).toThrow('line 3 of .env gives A again');
  });
  it.each<[string, (size: number) => string]>([
    ['many lines', (size) => Array.from({ length: size }, (_, at) => `A${at}=x # y\n`).join('')],
    ['a long run of spaces', (size) => `A=x${' '.repeat(size)}y`],
    ['quotes of many escapes', (size) => `A="${'\\n'.repeat(size)}"`],
  ])('takes time in proportion to %s', async (_what, text) => {
    const work = (size: number) => {
      const made = text(size);
      return () => itemsOfEnvFile(made, '.env');
    };
    expect(await growth(work, 16_000)).toBeLessThan(LINEAR);
  });
});
