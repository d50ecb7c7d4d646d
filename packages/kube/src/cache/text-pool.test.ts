import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareTexts } from './text-pool.ts';
import { deepFreeze } from './transform.ts';

describe('shareTexts', () => {
  it('changes nothing that an object says', () => {
    const pool = new Map<string, string>();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ value, time: '2026-11-30T12:00:00Z' });
        expect(JSON.stringify(shareTexts(JSON.parse(text), pool))).toBe(text);
      }),
    );
  });
  it('leaves what is frozen alone', () => {
    const frozen = deepFreeze({ text: 'bitnami.com/v1alpha1', deep: [{ text: 'bitnami.com/v1alpha1' }] });
    expect(shareTexts({ frozen }, new Map()).frozen).toBe(frozen);
  });
  it('reads objects of ten thousand levels', () => {
    let deep: object = { time: '2026-11-30T12:00:00Z' };
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    expect(shareTexts(deep, new Map())).toBe(deep);
  });
  it('holds a bounded number of texts, and none that is long', () => {
    const pool = new Map<string, string>();
    for (let index = 0; index < 10_000; index += 1)
      shareTexts(
        { name: `a-name-of-an-object-${index}`, value: 'A'.repeat(700) + index, short: `s${index}` },
        pool,
      );
    expect(pool.size).toBeGreaterThan(0);
    expect(pool.size).toBeLessThanOrEqual(2_000);
    expect([...pool.keys()].every((text) => text.startsWith('a-name-of-an-object-'))).toBe(true);
  });
});
