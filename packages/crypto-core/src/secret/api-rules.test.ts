import { describe, expect, it } from 'vitest';
import { isLabelValue, isMetadataKey } from './api-rules.ts';

describe('isMetadataKey', () => {
  it.each(['a', 'A-b_c.d', 'app.kubernetes.io/name', `${'x'.repeat(63)}`])('accepts %s', (key) => {
    expect(isMetadataKey(key)).toBe(true);
  });
  it.each(['', '/a', 'a/', 'a/b/c', 'A.b/c', '-a', 'a-', 'a b', 'a\n', 'x'.repeat(64)])(
    'refuses %j',
    (key) => {
      expect(isMetadataKey(key)).toBe(false);
    },
  );
});

describe('isLabelValue', () => {
  it('accepts an empty value, and 63 characters at most', () => {
    expect(['', 'v1.2', '0', 'x'.repeat(63)].map(isLabelValue)).toEqual([true, true, true, true]);
    expect(['-', 'a/b', 'a\n', 'x'.repeat(64)].map(isLabelValue)).toEqual([false, false, false, false]);
  });
});
