import { readdir } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** Bare specifiers that the code in a folder imports, lazily or not, without Node's own. */
export async function importsOf(dist: string): Promise<string[]> {
  const files = (await readdir(dist, { recursive: true })).filter((file) => file.endsWith('.js'));
  const bundle = await rolldown({
    input: Object.fromEntries(files.map((file) => [file, join(dist, file)])),
    platform: 'node',
    external: /^[^./\0]/,
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  const chunks = output.filter((item) => item.type === 'chunk');
  const own = new Set(chunks.map(({ fileName }) => fileName));
  const targets = new Set(chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]));
  const isBuiltIn = (target: string) => builtinModules.includes(target.replace(/^node:/, ''));
  return [...targets].filter((target) => !own.has(target) && !isBuiltIn(target));
}
