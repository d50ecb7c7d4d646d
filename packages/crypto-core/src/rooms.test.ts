import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** The rooms of this package from the bottom up, and which of the others each may import, types included. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: [],
  value: ['base'],
  keys: ['value', 'base'],
  secret: ['value', 'base'], // not keys: whatever kind of key there is, a Secret is sealed and opened in the same way
  index: ['secret', 'keys', 'value', 'base'],
};
const MAX_FILES = 12;

const files = globSync('**/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.test.ts'] });

function roomOf(file: string): string {
  const [folder = '', name] = file.split('/');
  if (name) return folder;
  return file === 'index.ts' ? 'index' : 'base';
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8').replace(/^ *\*.*$/gm, '');
  const targets = source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...targets].map(([, target = '']) => join(dirname(file), target));
}

it('each room imports only from rooms below it', () => {
  const upwards = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => roomOf(target) !== roomOf(file) && !ALLOWED[roomOf(file)]?.includes(roomOf(target)))
      .map((target) => `${file} -> ${target}`),
  );
  expect(upwards).toEqual([]);
  expect(new Set(files.map(roomOf))).toEqual(new Set(Object.keys(ALLOWED)));
});

it('no file reaches itself through its imports', () => {
  const reachable = (file: string, seen = new Set<string>()): Set<string> => {
    for (const target of importsOf(file).filter((each) => !seen.has(each)))
      reachable(target, seen.add(target));
    return seen;
  };
  expect(files.filter((file) => reachable(file).has(file))).toEqual([]);
});

it('only keys/ and the public names mention RSA', () => {
  const code = (file: string) =>
    readFileSync(join(import.meta.dirname, file), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const speaking = files.filter((file) => /rsa|oaep|modulus|pkcs/i.test(code(file)));
  expect(speaking.filter((file) => roomOf(file) !== 'keys').sort()).toEqual(['index.ts']);
});

it(`a room holds at most ${MAX_FILES} files`, () => {
  const sizes = Map.groupBy(files, (file) => dirname(file));
  expect([...sizes].filter(([, inRoom]) => inRoom.length > MAX_FILES)).toEqual([]);
});
