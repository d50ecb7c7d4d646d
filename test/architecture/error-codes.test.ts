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

const isProduct = (file: string) => !file.endsWith('.test.ts');
const sources = read('packages/*/src/**/*.ts', (file) => isProduct(file) && !file.endsWith('/errors.ts'));
const tests = read('{packages/*/src,test}/**/*.test.ts', (file) => !file.startsWith('test/architecture'));

const printed = read('packages/*/src/**/*.ts', isProduct);
/** Messages in the first column of docs/errors.md. */
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const messages = [...page.matchAll(/^\| (.+?) \| `ERR_\w+` \|/gm)].flatMap(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message),
);

describe('the messages of docs/errors.md', () => {
  it('stand in the code as they are on the page', () => {
    expect(messages.length).toBeGreaterThan(30);
    expect(messages.filter((message) => !printed.includes(message))).toEqual([]);
  });
});

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
