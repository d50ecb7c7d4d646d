import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION as CONTROLLER_VERSION } from '../../packages/controller/src/version.ts';
import { VERSION as KUBESEAL_VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { packDirectory, sha256OfFile } from '../archive.ts';
import { PLATFORMS, platformOf } from '../executable/platforms.ts';
import { type Built, buildProgram } from '../executable/program.ts';
import type { Program } from '../executable/scripts.ts';
import { buildImage, type Controllers, writeSboms } from '../image/build-image.ts';
import { writeProgramArchive } from './program-archive.ts';

/**
 * `node scripts/release/release.ts [--platform OS-ARCH]... [--only kubeseal|sealed-secrets-controller]
 * [DIRECTORY]`: everything that is published for a version, in a new directory (`release` by default): an
 * archive of each program for each platform, the container image as OCI layout in a tar file, a bill of
 * materials for each, SHA256SUMS. Two runs give the same bytes; SOURCE_DATE_EPOCH sets the time in them.
 */
const IMAGE = 'localhost/fuin/sealed-secrets-controller';
const VERSIONS = { kubeseal: KUBESEAL_VERSION, 'sealed-secrets-controller': CONTROLLER_VERSION } as const;

/** What of a release to make. */
export interface ReleaseOptions {
  readonly outDir: string;
  /** Names of PLATFORMS; by default all that can be built for here. */
  readonly platforms?: readonly string[];
  /** Both by default. The image goes with the controller, which is for Linux alone. */
  readonly programs?: readonly Program['name'][];
}

/** Makes a release and returns its file names, SHA256SUMS last. @throws Error when the directory exists */
export async function buildRelease({
  outDir,
  platforms = Object.keys(PLATFORMS).filter(canBuildFor),
  programs = ['kubeseal', 'sealed-secrets-controller'],
}: ReleaseOptions): Promise<string[]> {
  await mkdir(outDir);
  const work = await mkdtemp(join(tmpdir(), 'fuin-release-'));
  try {
    const files: string[] = [];
    const controllers: Record<string, Built> = {};
    for (const program of programs)
      for (const platform of platforms) {
        const { os, arch } = platformOf(platform);
        if (program !== 'kubeseal' && os !== 'linux') continue;
        const built = await buildProgram({ program, platform }, join(work, platform));
        files.push(
          ...(await writeProgramArchive({ program, version: VERSIONS[program], platform, outDir }, built)),
        );
        if (program !== 'kubeseal') controllers[arch] = built;
      }
    if (Object.keys(controllers).length > 0) files.push(...(await writeImage(outDir, work, controllers)));
    await writeChecksums(outDir, files);
    return [...files, 'SHA256SUMS'];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** macOS alone can sign what runs on macOS. */
function canBuildFor(platform: string): boolean {
  return platformOf(platform).os !== 'darwin' || process.platform === 'darwin';
}

async function writeImage(outDir: string, work: string, controllers: Controllers): Promise<string[]> {
  const version = CONTROLLER_VERSION;
  const name = `sealed-secrets-controller-${version}`;
  const layout = join(work, 'layout');
  const sboms = await buildImage(layout, { name: IMAGE, version }, controllers);
  await packDirectory(layout, join(outDir, `${name}.oci.tar`), false);
  return [`${name}.oci.tar`, ...(await writeSboms(outDir, name, sboms))];
}

/** In the format that `sha256sum -c` reads. */
async function writeChecksums(outDir: string, files: readonly string[]): Promise<void> {
  const lines = files.toSorted().map(async (file) => `${await sha256OfFile(join(outDir, file))}  ${file}\n`);
  await writeFile(join(outDir, 'SHA256SUMS'), (await Promise.all(lines)).join(''));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { platform: { type: 'string', multiple: true }, only: { type: 'string' } },
  });
  const programs = Object.keys(VERSIONS) as Program['name'][];
  const outDir = resolve(positionals[0] ?? 'release');
  const files = await buildRelease({
    outDir,
    ...(values.platform ? { platforms: values.platform } : {}),
    ...(values.only ? { programs: programs.filter((program) => program === values.only) } : {}),
  });
  for (const file of files) console.log(join(outDir, file));
}
