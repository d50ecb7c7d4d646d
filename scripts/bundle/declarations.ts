import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** What a declaration imports: `from '../x.ts'`, `import('../x.ts')` or `import '../x.ts'`. */
const IMPORT = /(?<=(?:from|import)\s*\(?\s*['"])[^'"]+(?=['"])/g;

/**
 * Writes the declarations of entries, and of the modules of their own package that those need, flat into `outDir`. Imports say `.js`, which every
 * version of TypeScript resolves.
 *
 * @param entries sources of one folder, relative to the root
 * @throws Error when a declaration needs a package of the workspace that the reader does not have
 */
export async function declareTypes(entries: readonly string[], outDir: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'declarations-'));
  try {
    await runCompiler(entries, work);
    const seen = new Set<string>();
    const waiting = entries.map((entry) => join(work, declarationOf(entry)));
    await mkdir(outDir, { recursive: true });
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      const text = await readFile(file, 'utf8');
      const targets = text.match(IMPORT) ?? [];
      const foreign = targets.find((target) => target.startsWith('@fuin/'));
      if (foreign) throw new Error(`the types of ${relative(work, file)} need ${foreign}`);
      const own = targets.filter((target) => target.startsWith('.'));
      waiting.push(...own.map((target) => join(dirname(file), declarationOf(target))));
      await writeFile(
        join(outDir, basename(file)),
        text.replace(IMPORT, (target) => target.replace(/(?<=^\..*)\.ts$/, '.js')),
      );
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
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
