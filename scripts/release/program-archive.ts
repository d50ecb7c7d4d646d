import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { SHELLS } from '../../packages/flags/src/index.ts';
import { completionText } from '../../packages/kubeseal-cli/src/commands/manual.ts';
import { packDirectory } from '../archive.ts';
import { buildExecutable, type Executable } from '../executable/executable.ts';
import { platformOf } from '../executable/platforms.ts';
import type { Program } from '../executable/scripts.ts';
import { type Component, executableComponents } from '../licenses/components.ts';
import { ALLOWED_LICENSES, formatNotices, refusedLicenses } from '../licenses/notices.ts';
import { formatSbom } from '../licenses/sbom.ts';
import { manualPages } from './manual-pages.ts';

const root = join(import.meta.dirname, '../..');
export const LICENSE = join(root, 'LICENSE');

/** What is to be released, and where to. */
export interface Edition {
  readonly program: Program['name'];
  readonly version: string;
  /** A name of PLATFORMS. */
  readonly platform: string;
  readonly outDir: string;
}

/** A program's executable and what others contributed to it. */
export interface Built extends Executable {
  readonly components: readonly Component[];
  readonly notices: string;
}

/** Builds an executable below `directory`. @throws Error when something in it has a licence that is not allowed */
export async function buildProgram(
  { program, platform }: Pick<Edition, 'program' | 'platform'>,
  directory: string,
): Promise<Built> {
  const extension = platformOf(platform).os === 'windows' ? '.exe' : '';
  const output = join(directory, `${program}${extension}`);
  const built = await buildExecutable(program, { platform, output });
  const components = await executableComponents(built.modules);
  const refused = refusedLicenses(components, ALLOWED_LICENSES);
  if (refused.length > 0) throw new Error(`licences that are not allowed: ${refused.join(', ')}`);
  return { ...built, components, notices: formatNotices(program, components) };
}

/** Writes `<program>-<version>-<platform>.tar.gz` and, beside it, `.cdx.json`; gives their names. */
export async function writeProgramArchive(edition: Edition, built: Built): Promise<string[]> {
  const { program, version, platform, outDir } = edition;
  const name = `${program}-${version}-${platform}`;
  const work = await mkdtemp(join(tmpdir(), 'fuin-archive-'));
  try {
    const executable = join(work, basename(built.file));
    await copyFile(built.file, executable);
    await chmod(executable, 0o755);
    for (const [path, text] of Object.entries(textsOf(program))) await writeText(join(work, path), text);
    await copyFile(LICENSE, join(work, 'LICENSE'));
    await chmod(join(work, 'LICENSE'), 0o644);
    await writeText(join(work, 'THIRD-PARTY-NOTICES.txt'), built.notices);
    await packDirectory(work, join(outDir, `${name}.tar.gz`));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const subject = { name: program, version, platform, type: 'application' } as const;
  await writeFile(join(outDir, `${name}.cdx.json`), formatSbom(subject, built.components));
  return [`${name}.tar.gz`, `${name}.cdx.json`];
}

/** Manual page and, for kubeseal, completions: `man/...` and `completions/...`. */
function textsOf(program: Program['name']): Record<string, string> {
  const pages = Object.entries(manualPages()).map(([path, text]) => [`man/${basename(path)}`, text] as const);
  const own = pages.filter(([path]) => basename(path).startsWith(`${program}.`));
  const shells = program === 'kubeseal' ? SHELLS : [];
  const completions = shells.map(
    (shell) =>
      [`completions/kubeseal.${shell === 'powershell' ? 'ps1' : shell}`, completionText(shell)] as const,
  );
  return Object.fromEntries([...own, ...completions]);
}

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await chmod(dirname(path), 0o755); // whatever the umask
  await writeFile(path, text);
  await chmod(path, 0o644);
}
