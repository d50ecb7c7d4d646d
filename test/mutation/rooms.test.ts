import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOMS } from './rooms.ts';

const root = join(import.meta.dirname, '../..');

describe('the rooms of mutation testing', () => {
  it.each(ROOMS)('$name has code and tests', ({ code, tests }) => {
    for (const folder of code)
      expect(globSync(`${folder}/**/*.ts`, { cwd: root }).some((file) => !file.endsWith('.test.ts'))).toBe(
        true,
      );
    expect(globSync(tests, { cwd: root })).not.toEqual([]);
  });
  it('are all run each week', () => {
    const { jobs } = parse(readFileSync(join(root, '.github/workflows/mutation.yml'), 'utf8'));
    expect(jobs.mutation.strategy.matrix.room).toEqual(ROOMS.map(({ name }) => name));
  });
});
