import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { npmComponents } from '../../licenses/components.ts';
import { formatNotices } from '../../licenses/notices.ts';

/** The scripts of pages by name, and what others contributed to them. */
export async function bundleScripts(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const modules: string[] = [];
  for (const name of ['site', 'search']) {
    const build = await rolldown({
      input: { [name]: join(import.meta.dirname, `${name}.ts`) },
      platform: 'browser',
    });
    try {
      const { output } = await build.generate({ format: 'esm', minify: true });
      for (const item of output) {
        if (item.type !== 'chunk') continue;
        files.set(`${name}.js`, item.code);
        modules.push(...item.moduleIds);
      }
    } finally {
      await build.close();
    }
  }
  files.set('THIRD-PARTY-LICENSES.txt', formatNotices('This site', await npmComponents(modules)));
  return files;
}
