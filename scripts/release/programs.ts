import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION as CONTROLLER_VERSION } from '../../packages/controller/src/version.ts';
import { VERSION as KUBESEAL_VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { packDirectory } from '../archive.ts';
import { PLATFORMS, platformOf } from '../executable/platforms.ts';
import { type Built, buildProgram } from '../executable/program.ts';
import type { Program } from '../executable/scripts.ts';
import { buildImage, type Controllers, writeSboms } from '../image/build-image.ts';
import { imageName, type Owner } from '../owner.ts';
import { writeProgramArchive } from './program-archive.ts';

const VERSIONS = { kubeseal: KUBESEAL_VERSION, 'sealed-secrets-controller': CONTROLLER_VERSION } as const;
export const PROGRAM_NAMES = Object.keys(VERSIONS) as Program['name'][];

/** Which programs for which platforms to make, and where. */
export interface ProgramOptions {
  readonly outDir: string;
  readonly owner: Owner;
  /** Names of PLATFORMS; by default all. */
  readonly platforms?: readonly string[];
  /** Both by default. The image goes with the controller, which is for Linux alone. */
  readonly programs?: readonly Program['name'][];
}

/**
 * Writes archives of the programs, the image, and a bill of materials for each; gives the names of the
 * files.
 */
export async function writePrograms({
  outDir,
  owner,
  platforms = Object.keys(PLATFORMS),
  programs = PROGRAM_NAMES,
}: ProgramOptions): Promise<string[]> {
  const work = await mkdtemp(join(tmpdir(), 'fuin-release-'));
  try {
    const files: string[] = [];
    const controllers: Record<string, Built> = {};
    for (const program of programs)
      for (const platform of platforms) {
        const { os, arch } = platformOf(platform);
        if (program !== 'kubeseal' && os !== 'linux') continue;
        const built = await buildProgram({ program, platform }, join(work, platform));
        const edition = { program, version: VERSIONS[program], platform, outDir };
        files.push(...(await writeProgramArchive(edition, built)));
        if (program !== 'kubeseal') controllers[arch] = built;
      }
    if (Object.keys(controllers).length === 0) return files;
    return [...files, ...(await writeImage({ outDir, owner }, work, controllers))];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeImage(
  { outDir, owner }: Pick<ProgramOptions, 'outDir' | 'owner'>,
  work: string,
  controllers: Controllers,
): Promise<string[]> {
  const version = CONTROLLER_VERSION;
  const name = `sealed-secrets-controller-${version}`;
  const layout = join(work, 'layout');
  const sboms = await buildImage(layout, { name: imageName(owner), version }, controllers);
  await packDirectory(layout, join(outDir, `${name}.oci.tar`), false);
  return [`${name}.oci.tar`, ...(await writeSboms(outDir, name, sboms))];
}
