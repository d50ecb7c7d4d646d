import { describe, expect, it } from 'vitest';
import { SharedValues } from './shared-values.ts';

describe('SharedValues', () => {
  it('gives the first of equal values to all', () => {
    const values = new SharedValues<readonly string[]>();
    const first = ['a'];
    expect([values.share('a', first), values.share('a', ['a'])].every((each) => each === first)).toBe(true);
    expect(values.share('b', ['b'])).toEqual(['b']);
  });
  it('keeps no long ones', () => {
    const values = new SharedValues<readonly string[]>();
    const text = 'x'.repeat(2_000);
    values.share(text, [text]);
    const second = [text];
    expect(values.share(text, second)).toBe(second);
  });
});
