import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../executable/platforms.ts';
import { type Built, buildProgram, LICENSE } from '../executable/program.ts';
import type { Component } from '../licenses/components.ts';
import { ALLOWED_IN_IMAGE, formatNotices, refusedLicenses } from '../licenses/notices.ts';
import { debianComponents } from './debian-components.ts';
import { writeProgram, writeSystem } from './root-file-system.ts';

/**
 * `node scripts/image/layers.ts amd64|arm64 DIRECTORY`: the layers of the image for an architecture, as
 * directories `system` and `program` of a new directory. What deploy/image/Dockerfile copies, and what the
 * image layout of a release holds.
 */
export const LAYERS = ['system', 'program'] as const;

/**
 * Fills the layers, and gives what of others is in them.
 * @throws Error when something has a licence that is not allowed
 */
export async function writeLayers(
  directory: string,
  { architecture, controller }: { readonly architecture: Architecture; readonly controller: Built },
): Promise<readonly Component[]> {
  const components = [...controller.components, ...(await debianComponents(architecture))];
  const refused = refusedLicenses(components, ALLOWED_IN_IMAGE);
  if (refused.length > 0) throw new Error(`licences that are not allowed: ${refused.join(', ')}`);
  const [system, program] = LAYERS.map((layer) => join(directory, layer)) as [string, string];
  await mkdir(directory);
  await Promise.all([mkdir(system), mkdir(program)]);
  await writeSystem(system, architecture);
  await writeProgram(program, {
    executable: controller.file,
    texts: {
      LICENSE: await readFile(LICENSE, 'utf8'),
      'THIRD-PARTY-NOTICES.txt': formatNotices('The image', components),
    },
  });
  return components;
}

if (import.meta.main) {
  const [architecture, directory = 'layers'] = process.argv.slice(2);
  if (architecture !== 'amd64' && architecture !== 'arm64') throw new Error('amd64 or arm64?');
  const work = await mkdtemp(join(tmpdir(), 'fuin-layers-'));
  try {
    const what = { program: 'sealed-secrets-controller', platform: `linux-${architecture}` } as const;
    await writeLayers(directory, { architecture, controller: await buildProgram(what, work) });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
