import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
const named = [...text.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, file]) => file ?? '');

describe('docs/security.md', () => {
  it('names tests that exist', () => {
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
  it('has a test for each threat', () => {
    const rows = text.split('\n').filter((line) => /^\| (?!Threat |---)/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => !/`[^`]+\.test\.ts`/.test(row))).toEqual([]);
  });
  it('names every test of an attack', () => {
    const attacks = readdirSync(join(root, 'test/attacks')).filter((file) => file.endsWith('.test.ts'));
    expect(attacks.filter((file) => !named.includes(`test/attacks/${file}`))).toEqual([]);
  });
});
