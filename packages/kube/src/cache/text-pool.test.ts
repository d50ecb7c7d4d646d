import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextPool } from './text-pool.ts';
import { deepFreeze } from './transform.ts';

describe('TextPool', () => {
  it('changes nothing that an object says', () => {
    const pool = new TextPool();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ value, time: '2026-11-30T12:00:00Z' });
        expect(JSON.stringify(pool.share(JSON.parse(text)))).toBe(text);
      }),
    );
  });
  it('leaves what is frozen alone', () => {
    const frozen = deepFreeze({ text: 'bitnami.com/v1alpha1', deep: [{ text: 'bitnami.com/v1alpha1' }] });
    expect(new TextPool().share({ frozen }).frozen).toBe(frozen);
  });
  it('reads objects of ten thousand levels', () => {
    let deep: object = { time: '2026-11-30T12:00:00Z' };
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(new TextPool().share(deep)).toBe(deep);
  });
  it('holds a bounded number of texts, and none that is long', () => {
    const pool = new TextPool();
    for (let index = 0; index < 10_000; index += 1)
      pool.share({
        name: `a-name-of-an-object-${index}`,
        value: 'A'.repeat(700) + index,
        short: `s${index}`,
      });
    expect(pool.size).toBeGreaterThan(0);
    expect(pool.size).toBeLessThanOrEqual(2_000);
  });
});
