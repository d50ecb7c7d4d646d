import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** What a declaration imports: `from '../x.ts'`, `import('../x.ts')` or `import '../x.ts'`. */
const IMPORT = /(?<=(?:from|import)\s*\(?\s*['"])[^'"]+(?=['"])/g;

/**
 * Writes the declarations of entries, and of the modules of their own package that those need, into `outDir`,
 * in the folders that they have below `src`. An entry that is named otherwise than its source gets a file
 * that leads to it. Imports say `.js`, which every version of TypeScript resolves.
 *
 * @param entries sources of one package by the name of the entry, relative to the root
 * @throws Error when a declaration needs a package of the workspace that the reader does not have
 */
export async function declareTypes(entries: Readonly<Record<string, string>>, outDir: string): Promise<void> {
  const sources = Object.values(entries);
  const folder = (sources[0] ?? '').replace(/\/src\/.*$/, '/src');
  const work = await mkdtemp(join(tmpdir(), 'declarations-'));
  try {
    await runCompiler(sources, work);
    const seen = new Set<string>();
    const waiting = sources.map((source) => join(work, declarationOf(source)));
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const text = await readFile(file, 'utf8');
      const targets = text.replace(/^ *\*.*$/gm, '').match(IMPORT) ?? []; // examples in comments import too
      const foreign = targets.find((target) => target.startsWith('@fuin/'));
      if (foreign) throw new Error(`the types of ${relative(work, file)} need ${foreign}`);
      const own = targets.filter((target) => target.startsWith('.'));
      waiting.push(...own.map((target) => join(dirname(file), declarationOf(target))));
      await write(
        join(outDir, relative(join(work, folder), file)),
        text.replace(IMPORT, (target) => target.replace(/(?<=^\..*)\.ts$/, '.js')),
      );
    }
    for (const [name, source] of Object.entries(entries)) {
      const place = relative(folder, source).replace(/\.ts$/, '');
      if (place !== name) await write(join(outDir, `${name}.d.ts`), `export * from './${place}.js';\n`);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, '.d.ts');
}

/** Declarations of the entries and all they import, laid out in `work` as below the root. */
async function runCompiler(entries: readonly string[], work: string): Promise<void> {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      noCheck: true, // `lint` does
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: root,
      outDir: work,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: [],
    files: entries.map((entry) => join(root, entry)),
  };
  await writeFile(join(work, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(root, 'node_modules/.bin/tsc');
  const { status } = spawnSync(compiler, ['-p', work], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error(`tsc could not declare the types of ${entries.join(', ')}`);
}
