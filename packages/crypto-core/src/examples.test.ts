import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as core from './index.ts';
import * as x509 from './keys/new-certificate.ts';
import * as v2 from './keys/x-wing/index.ts';

const SOURCES = import.meta.dirname;
const ROOT = join(SOURCES, '../../..');
const ENTRIES: Readonly<Record<string, string>> = {
  '@fuin/crypto-core': join(SOURCES, 'index.ts'),
  '@fuin/crypto-core/errors': join(SOURCES, 'errors.ts'),
  '@fuin/crypto-core/x509': join(SOURCES, 'keys/new-certificate.ts'),
  '@fuin/crypto-core/v2': join(SOURCES, 'keys/x-wing/index.ts'),
};

/** The examples in the comments of exported names. */
const EXAMPLES: ReadonlyMap<string, string> = new Map(
  globSync('**/*.ts', { cwd: SOURCES, exclude: ['**/*.test.ts'] }).flatMap((file) =>
    examplesIn(readFileSync(join(SOURCES, file), 'utf8')),
  ),
);

function examplesIn(source: string): [string, string][] {
  const documented = /^\/\*\*\n((?: \*.*\n)+?) \*\/\nexport (?:async )?(?:function|class|interface) (\w+)/gm;
  return [...source.matchAll(documented)].flatMap(([, comment = '', name = '']) => {
    const example = /@example[^\n]*\n \* ```js\n([\s\S]*?) \* ```/.exec(comment)?.[1];
    return example === undefined ? [] : [[name, example.replace(/^ \* ?/gm, '')]];
  });
}

/** What an example says that it prints, at the end of its lines. */
function promised(example: string): string[] {
  return [...example.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) => text);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'examples-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs an example against the sources; gives what it prints. */
async function printed(name: string, example: string): Promise<string[]> {
  const lines: string[] = [];
  (globalThis as { printLine?: unknown }).printLine = (...parts: unknown[]) => lines.push(parts.join(' '));
  const found = example.replace(/from '(@fuin\/[^']+)'/g, (all, entry: string) =>
    ENTRIES[entry] ? `from '${pathToFileURL(ENTRIES[entry])}'` : all,
  );
  const file = join(folder, `${name}.run.mjs`);
  await writeFile(file, `const console = { log: globalThis.printLine };\n${found}`);
  await import(pathToFileURL(file).href);
  return lines;
}

describe('the examples of crypto-core', () => {
  it('are there for every function and class that is exported, and for keys and recipients', () => {
    const exported = Object.entries({ ...core, ...x509, ...v2 }).filter(
      ([, value]) => typeof value === 'function',
    );
    const names = [...exported.map(([name]) => name), 'Key', 'Recipient'];
    expect(names.filter((name) => !EXAMPLES.has(name))).toEqual([]);
  });

  it.each([...EXAMPLES])('%s: prints what it says', async (name, example) => {
    expect(promised(example).length).toBeGreaterThan(0);
    expect(await printed(name, example)).toEqual(promised(example));
  });

  it('fit the types of what they call', async () => {
    for (const [name, example] of EXAMPLES) await writeFile(join(folder, `${name}.mjs`), example);
    const compilerOptions = {
      ...{ allowJs: true, checkJs: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
      ...{ strict: false, module: 'nodenext', target: 'es2024', lib: ['es2024', 'dom', 'esnext.collection'] },
      ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
      paths: Object.fromEntries(Object.entries(ENTRIES).map(([entry, file]) => [entry, [file]])),
    };
    const include = [...EXAMPLES.keys()].map((name) => `${name}.mjs`);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
    const compiler = join(ROOT, 'node_modules/.bin/tsc');
    const compiling = promisify(execFile)(compiler, ['-p', folder], { cwd: folder });
    expect(
      await compiling.then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    ).toBe('');
  });
});
