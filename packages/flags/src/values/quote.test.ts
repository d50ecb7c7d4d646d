import { describe, expect, it } from 'vitest';
import { quote, quoteBytes, quoteCharacter } from './quote.ts';

describe('quote', () => {
  it.each([
    ['', '""'],
    ["it's", `"it's"`],
    ['"\\', '"\\"\\\\"'],
    ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\0\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['\x80\x9b\xa0\xad', '"\\u0080\\u009b\\u00a0\\u00ad"'],
    ['é漢😀', '"é漢😀"'],
    ['e\u0301', '"e\u0301"'],
    ['\u200b\u202e\u2028\u3000\ufeff', '"\\u200b\\u202e\\u2028\\u3000\\ufeff"'],
    ['\u{e0001}', '"\\U000e0001"'],
  ])('prints %j like Go', (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });
  it('leaves no character that moves a terminal or reverses a line', () => {
    const all = Array.from({ length: 0xd800 }, (_, code) => String.fromCharCode(code)).join('');
    expect(quote(all)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(quote('\ud800')).toBe('"\\ud800"');
  });
});

describe('quoteCharacter', () => {
  it.each([
    ['a', "'a'"],
    ["'", "'\\''"],
    ['"', `'"'`],
    ['\\', "'\\\\'"],
    ['\n', "'\\n'"],
    ['\u009b', "'\\u009b'"],
    ['😀', "'😀'"],
  ])('prints %j like Go', (char, quoted) => {
    expect(quoteCharacter(char)).toBe(quoted);
  });
});

describe('quoteBytes', () => {
  it.each([
    ['5 "s\\', '"5 \\"s\\\\"'],
    ['5µ\n', '"5\\xc2\\xb5\\x0a"'],
    ['\x1b[31m', '"\\x1b[31m"'],
  ])('prints %j like the package time of Go', (text, quoted) => {
    expect(quoteBytes(text)).toBe(quoted);
  });
});
