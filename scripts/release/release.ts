import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { sha256OfFile } from '../archive.ts';
import { OWNER, type Owner } from '../owner.ts';
import { releaseOf } from '../packages/archives.ts';
import { writeLinuxPackages } from '../packages/linux.ts';
import { writePackageManifests } from '../packages/manifests.ts';
import { writeReleasedPage } from '../page/released-page.ts';
import { writeDocumentation } from '../site/archive.ts';
import { packExtension } from '../vscode/pack.ts';
import { writeChart, writePlainManifests } from './chart.ts';
import { packPackages } from './npm-packages.ts';
import { PROGRAM_NAMES, type ProgramOptions, writePrograms } from './programs.ts';
import { describeSteps, publishSteps } from './publishing.ts';

/**
 * `node scripts/release/release.ts [--dry-run] [DIRECTORY]`: everything that is published for a version, in
 * a new directory (`release` by default): an archive of each program for each platform, packages for Debian,
 * Red Hat and npm, the container image as OCI layout in a tar file, the chart, the sealing page as one file,
 * the extension for VS Code, the documentation as a site, a bill of materials for each program, the page and
 * the extension, SHA256SUMS, and manifests for package managers. Two runs give the same bytes;
 * SOURCE_DATE_EPOCH sets the time in them.
 * --dry-run also prints what publish.ts would push where.
 *
 * `--platform OS-ARCH...` and `--only kubeseal|sealed-secrets-controller` make some of the archives alone.
 */
const SUMS = 'SHA256SUMS';

/** What of a release to make. */
export interface ReleaseOptions extends Omit<ProgramOptions, 'owner'> {
  readonly owner?: Owner;
}

/**
 * Makes some programs of a release; gives file names, SHA256SUMS last. @throws Error when the directory
 * exists
 */
export async function buildRelease({ owner = OWNER, ...options }: ReleaseOptions): Promise<string[]> {
  await mkdir(options.outDir);
  const files = await writePrograms({ owner, ...options });
  await writeChecksums(options.outDir, files);
  return [...files, SUMS];
}

/** Makes a whole release; gives the paths of its files. @throws Error when the directory exists */
export async function buildWholeRelease(outDir: string, owner: Owner = OWNER): Promise<string[]> {
  await mkdir(outDir);
  const programs = await writePrograms({ outDir, owner });
  const packages = await writePackages(outDir, programs, owner);
  await writeChecksums(outDir, [...programs, ...packages]);
  const release = releaseOf(owner, VERSION, await readFile(join(outDir, SUMS), 'utf8'));
  return [...programs, ...packages, SUMS, ...(await writePackageManifests(outDir, release))];
}

async function writePackages(outDir: string, programs: readonly string[], owner: Owner): Promise<string[]> {
  const linux: string[] = [];
  for (const arch of ['amd64', 'arm64'] as const) {
    const file = programs.find((name) => name === `kubeseal-${VERSION}-linux-${arch}.tar.gz`);
    const archive = { file: join(outDir, file ?? ''), version: VERSION, arch };
    if (file) linux.push(...(await writeLinuxPackages(outDir, archive, owner)));
  }
  const npm = Object.values(await packPackages(outDir, owner)).map((path) => basename(path));
  const chart = await writeChart(outDir, VERSION, owner);
  const plain = await writePlainManifests(outDir, VERSION, owner);
  const documentation = await writeDocumentation(outDir, VERSION, owner);
  const extension = await packExtension(outDir, VERSION, owner);
  const page = await writeReleasedPage(outDir, VERSION);
  return [...linux, ...npm, chart, plain, documentation, ...extension, ...page];
}

/** In the format that `sha256sum -c` reads. */
async function writeChecksums(outDir: string, files: readonly string[]): Promise<void> {
  const lines = files.toSorted().map(async (file) => `${await sha256OfFile(join(outDir, file))}  ${file}\n`);
  await writeFile(join(outDir, SUMS), (await Promise.all(lines)).join(''));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      platform: { type: 'string', multiple: true },
      only: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
  });
  const outDir = resolve(positionals[0] ?? 'release');
  const { platform: platforms, only } = values;
  const isPart = platforms !== undefined || only !== undefined;
  const programs = PROGRAM_NAMES.filter((program) => only === undefined || program === only);
  const files = isPart
    ? await buildRelease({ outDir, programs, ...(platforms ? { platforms } : {}) })
    : await buildWholeRelease(outDir);
  for (const file of files) console.log(join(outDir, file));
  if (values['dry-run']) console.log(describeSteps(OWNER, publishSteps(OWNER, VERSION, files)));
}
