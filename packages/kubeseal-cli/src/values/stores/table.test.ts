import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../commands/table.ts';
import { parseSource, STORES } from './table.ts';

describe('the table of stores', () => {
  it('is what the help of import lists', () => {
    const { summary = '' } = COMMANDS['import'] ?? {};
    const listed = [...summary.matchAll(/\b([a-z-]+):/g)].map(([, kind]) => kind);
    expect(listed).toEqual(Object.keys(STORES));
  });
  it.each(Object.entries(STORES))('has a form that begins with %s:', (kind, { usage, summary }) => {
    expect(usage.startsWith(`${kind}:`)).toBe(true);
    expect(summary).not.toMatch(/\.$/);
  });
  it('knows no store that only an object of JavaScript has', () => {
    expect(() => parseSource('constructor:x')).toThrow('of a store that exists');
  });
});
