import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES } from '@fuin/crypto-core/errors';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (pattern: string, keep: (file: string) => boolean) =>
  globSync(pattern, { cwd: root, exclude: (file) => file.includes('node_modules') })
    .filter(keep)
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');

const sources = read(
  'packages/*/src/**/*.ts',
  (file) => !file.endsWith('.test.ts') && !file.endsWith('/errors.ts'),
);
const tests = read('{packages/*/src,test}/**/*.test.ts', (file) => !file.startsWith('test/architecture'));

describe('error codes', () => {
  it.each(Object.keys(ERROR_CODES))('%s is thrown by the code and expected by a test', (code) => {
    expect({ isThrown: sources.includes(`'${code}'`), isExpected: tests.includes(code) }).toEqual({
      isThrown: true,
      isExpected: true,
    });
  });
  it('are the only ones: no code outside the table is thrown', () => {
    const thrown = [...sources.matchAll(/new SealedSecretsError\(\s*'([A-Z_]+)'/g)].map(
      ([, code]) => code ?? '',
    );
    expect(thrown.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
    expect(thrown.length).toBeGreaterThan(20);
  });
});
