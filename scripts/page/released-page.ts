import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmComponents } from '../licenses/components.ts';
import { formatSbom } from '../licenses/sbom.ts';
import { buildPage, PAGE_FILES, PAGE_LICENSES } from './build-page.ts';

/**
 * Writes the sealing page as one file, `sealing-page-<version>.html`, and beside it the licences and a bill
 * of materials of what others contributed; gives their names.
 */
export async function writeReleasedPage(outDir: string, version: string): Promise<string[]> {
  const name = `sealing-page-${version}`;
  const files = { page: `${name}.html`, licenses: `${name}-licenses.txt`, sbom: `${name}.cdx.json` };
  const work = await mkdtemp(join(tmpdir(), 'fuin-page-'));
  try {
    const chunks = await buildPage(work);
    await copyFile(join(work, PAGE_FILES.single), join(outDir, files.page));
    await copyFile(join(work, PAGE_LICENSES), join(outDir, files.licenses));
    const subject = { name: 'sealing-page', version, platform: 'browser', type: 'application' } as const;
    const components = await npmComponents(chunks.flatMap(({ moduleIds }) => moduleIds));
    await writeFile(join(outDir, files.sbom), formatSbom(subject, components));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return Object.values(files);
}
