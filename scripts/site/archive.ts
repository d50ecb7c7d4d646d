import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packDirectory } from '../archive.ts';
import type { Owner } from '../owner.ts';
import { buildSite } from './build-site.ts';
import { VERSION_FILES } from './versions.ts';

/** The documentation of a version in a release. */
export function documentationFile(version: string): string {
  return `documentation-${version}.tar.gz`;
}

/** Packs the folder of a version, without lists of versions, into `outDir`; gives the name of the file. */
export async function writeDocumentation(outDir: string, version: string, owner: Owner): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'fuin-documentation-'));
  try {
    await buildSite(work, version, owner);
    for (const name of VERSION_FILES) await rm(join(work, name));
    await packDirectory(work, join(outDir, documentationFile(version)));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return documentationFile(version);
}
