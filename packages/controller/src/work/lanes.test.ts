import { describe, expect, it } from 'vitest';
import { laneLimits, laneOf } from './lanes.ts';

const key = { namespace: 'blue', name: 'db' };
const specOf = (data: unknown) => ({ metadata: {}, spec: { template: { data } } });

function choose(spec: object | undefined, { isSlow = false, hasFailed = false } = {}) {
  const sealedSecrets = { get: () => spec as { metadata: object } | undefined };
  return laneOf(key, { sealedSecrets, templates: { isSlow: () => isSlow }, hasFailed: () => hasFailed });
}

describe('laneOf', () => {
  it.each([
    ['an object that is gone', undefined, 'ordinary'],
    ['values alone', specOf(undefined), 'ordinary'],
    ['template entries that are plain text', specOf({ a: 'x', b: null }), 'ordinary'],
    ['templates', specOf({ a: 'x', b: '{{ .a }}' }), 'templates'],
    ['an entry that is no text', specOf({ a: 1 }), 'ordinary'],
  ])('accepts %s', (_, object, lane) => {
    expect(choose(object)).toBe(lane);
  });
  it('keeps what holds many values apart, with templates and without', () => {
    const valuesOf = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`i${index}`, 'x']));
    const holding = (count: number, data?: unknown) => ({
      metadata: {},
      spec: { encryptedData: valuesOf(count), template: { data } },
    });
    expect(choose(holding(32))).toBe('ordinary');
    expect(choose(holding(33))).toBe('large');
    expect(choose(holding(33, { a: '{{ 1 }}' }))).toBe('large');
    expect(choose(holding(33), { hasFailed: true })).toBe('large');
  });
  it('keeps what failed apart, and slow templates from both', () => {
    const templates = specOf({ b: '{{ .a }}' });
    expect(choose(specOf({}), { hasFailed: true })).toBe('failed');
    expect(choose(templates, { hasFailed: true })).toBe('failed');
    expect(choose(templates, { hasFailed: true, isSlow: true })).toBe('slow-templates');
    expect(choose(specOf({}), { isSlow: true })).toBe('ordinary');
  });
  it('treats an object that cannot be read as ordinary', () => {
    const hostile = {
      get spec(): never {
        throw new RangeError('Maximum call stack size exceeded');
      },
    };
    expect(choose(hostile)).toBe('ordinary');
  });
});

describe('laneLimits', () => {
  it.each([1, 2, 32])('leaves a place in every lane with %i workers', (concurrency) => {
    for (const { perTenant, total } of Object.values(laneLimits(concurrency))) {
      expect(Math.min(perTenant, total)).toBeGreaterThanOrEqual(1);
    }
  });
});
