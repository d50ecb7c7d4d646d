import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { controllerManual } from '../../packages/controller/src/config/manual.ts';
import { COMMANDS } from '../../packages/kubeseal-cli/src/commands/table.ts';
import { manualText } from '../../packages/kubeseal-cli/src/help/manual.ts';

/**
 * `node scripts/release/manual-pages.ts`: writes kubeseal(1) and sealed-secrets-controller(8), made from the
 * flag tables, beside the bundles that `build` makes.
 */
const root = join(import.meta.dirname, '../..');

/** The pages by the file they are kept in, relative to the root. */
export function manualPages(): Readonly<Record<string, string>> {
  return {
    'packages/kubeseal-cli/dist/man/kubeseal.1': manualText(COMMANDS),
    'packages/controller/dist/man/sealed-secrets-controller.8': controllerManual(),
  };
}

/** Writes the pages below `directory` and gives their paths. */
export async function writeManualPages(directory = root): Promise<string[]> {
  return Promise.all(
    Object.entries(manualPages()).map(async ([file, text]) => {
      const path = join(directory, file);
      await mkdir(dirname(path), { recursive: true }); // a fresh checkout has no dist
      await writeFile(path, text);
      return path;
    }),
  );
}

if (import.meta.main) for (const path of await writeManualPages()) console.log(path);
