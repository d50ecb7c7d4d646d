import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { toAscii } from './ascii.ts';

describe('toAscii', () => {
  it.each([
    ['a text', `"─ é 𝔽 \u2028"`],
    ['a template', `\`─\${1 + 1}🔑\``],
    ['a text after an escaped backslash', '"\\\\─"'],
    ['an expression', `"a─b🔑".replace(/[─]/, "").replace(/^ab🔑$/u, "")`],
    ['a class of an expression', `"x🔑y".replace(/[🔑-🔒]/u, "")`],
    ['names', `(() => { const µs = { μs: 2 }; return µs.μs; })()`],
    ['a comment', `1 /* → */`],
  ])('changes nothing that %s means', (_what, code) => {
    const ascii = toAscii(code);
    expect(ascii).toMatch(/^[\0-\x7f]+$/);
    expect(runInNewContext(ascii)).toEqual(runInNewContext(code));
  });
  it('leaves ASCII as it is', () => {
    expect(toAscii('const a = "\\u2500";')).toBe('const a = "\\u2500";');
  });
  it.each([
    ['a character after a backslash', '/\\─/'],
    ['a template whose source is used', 'String.raw`─`'],
  ])('refuses %s', (_what, code) => {
    expect(() => toAscii(code)).toThrow();
  });
});
