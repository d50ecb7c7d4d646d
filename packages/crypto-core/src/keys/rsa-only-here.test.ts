import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '..');
const files = globSync('**/*.ts', { cwd: SOURCES, exclude: ['**/*.test.ts'] });

it('only keys/, keys of SSH and the public names mention RSA', () => {
  const code = (file: string) =>
    readFileSync(join(SOURCES, file), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const speaking = files.filter((file) => /rsa|oaep|modulus|pkcs/i.test(code(file)));
  const outside = speaking.filter((file) => !file.startsWith('keys/')).sort();
  expect(outside).toEqual(['index.ts', 'signature/ssh-key.ts']);
});
