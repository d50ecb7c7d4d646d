import { itemsOfEnvFile } from '@fuin/items';
import { describe, expect, it } from 'vitest';
import { itemsOfJson } from '../../values/json-items.ts';
import { dotenv, flatJson } from './formats.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const itemsOf = (texts: Readonly<Record<string, string>>) =>
  new Map(Object.entries(texts).map(([item, text]) => [item, bytes(text)]));

/** Texts of characters that formats treat specially, the same in each run. */
function* texts(count: number): Generator<string> {
  const alphabet = [...'ab1 \t\n#=$"\'\\`{}%!&;|<>()[]*?~:,.-_/+@^é\u2028\u{1f511}\u0000\u001b\u200b\ufeff'];
  let state = 42;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let index = 0; index < count; index++)
    yield Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join('');
}

describe('dotenv', () => {
  it('is read back by create --from-env-file as it was, or refused', () => {
    let refused = 0;
    for (const text of texts(5_000)) {
      let line: string;
      try {
        line = dotenv(itemsOf({ A: text }));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
        refused += 1;
        continue;
      }
      expect(itemsOfEnvFile(`${line}B=1\n`, 'it')).toEqual(
        new Map([
          ['A', text],
          ['B', '1'],
        ]),
      );
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(2_000);
  });
  it.each([
    ['hunter2', 'A=hunter2\n'],
    ['', 'A=\n'],
    ['two words', "A='two words'\n"],
    ['$(rm -rf /)`x`\\n', "A='$(rm -rf /)`x`\\n'\n"],
    ['a#b', "A='a#b'\n"],
    ['~/x', "A='~/x'\n"],
    ['x:~', "A='x:~'\n"],
    ["it's", 'A="it\'s"\n'],
    ['one\ntwo\n', "A='one\ntwo\n'\n"],
  ])('writes %j in quotes that no shell expands', (text, line) => {
    expect(dotenv(itemsOf({ A: text }))).toBe(line);
  });
  it.each([
    ['both kinds of quotes', { A: `'"` }],
    ['a quote that a shell would expand', { A: "'$HOME" }],
    ['a carriage return', { A: 'a\r\nb' }],
    ['a name that no variable has', { '1.a': 'x' }],
    ['a name with a dash in front', { '-a': 'x' }],
  ])('refuses %s', (_what, items) => {
    expect(() => dotenv(itemsOf(items))).toThrow(/cannot stand in a \.env file/);
  });
  it('refuses bytes that are no text, and quotes none', () => {
    const items = new Map([['key', Uint8Array.of(0xff, 0x41)]]);
    expect(() => dotenv(items)).toThrow('the item key is not text in UTF-8');
    expect(() => flatJson(items)).toThrow('the item key is not text in UTF-8');
  });
});

describe('flatJson', () => {
  it('is read back by create --from-json as it was', () => {
    for (const text of texts(1_000))
      expect(itemsOfJson(flatJson(itemsOf({ a: text, z: '' })), 'it')).toEqual(
        new Map([
          ['a', text],
          ['z', ''],
        ]),
      );
  });
});
