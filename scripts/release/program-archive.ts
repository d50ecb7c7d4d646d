import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { completionScript, SHELLS } from '../../packages/kubeseal-cli/src/help/completion-scripts.ts';
import { packDirectory, zipDirectory } from '../archive.ts';
import { platformOf } from '../executable/platforms.ts';
import { type Built, type Edition, LICENSE } from '../executable/program.ts';
import type { Program } from '../executable/scripts.ts';
import { formatSbom } from '../licenses/sbom.ts';
import { manualPages } from './manual-pages.ts';

/**
 * Writes `<program>-<version>-<platform>.tar.gz`, or `.zip`, and, beside it, `.cdx.json`; gives their names.
 */
export async function writeProgramArchive(edition: Edition, built: Built): Promise<string[]> {
  const { program, version, platform, outDir } = edition;
  const name = `${program}-${version}-${platform}`;
  const ending = platformOf(platform).os === 'windows' ? 'zip' : 'tar.gz';
  const work = await mkdtemp(join(tmpdir(), 'fuin-archive-'));
  try {
    const executable = join(work, basename(built.file));
    await copyFile(built.file, executable);
    await chmod(executable, 0o755);
    for (const [path, text] of Object.entries(textsOf(program))) await writeText(join(work, path), text);
    await copyFile(LICENSE, join(work, 'LICENSE'));
    await chmod(join(work, 'LICENSE'), 0o644);
    await writeText(join(work, 'THIRD-PARTY-NOTICES.txt'), built.notices);
    if (ending === 'zip') await zipDirectory(work, join(outDir, `${name}.zip`));
    else await packDirectory(work, join(outDir, `${name}.tar.gz`));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const subject = { name: program, version, platform, type: 'application' } as const;
  await writeFile(join(outDir, `${name}.cdx.json`), formatSbom(subject, built.components));
  return [`${name}.${ending}`, `${name}.cdx.json`];
}

/** Manual page and, for kubeseal, completions: `man/...` and `completions/...`. */
function textsOf(program: Program['name']): Record<string, string> {
  const pages = Object.entries(manualPages()).map(([path, text]) => [`man/${basename(path)}`, text] as const);
  const own = pages.filter(([path]) => basename(path).startsWith(`${program}.`));
  const shells = program === 'kubeseal' ? SHELLS : [];
  const completions = shells.map(
    (shell) =>
      [`completions/kubeseal.${shell === 'powershell' ? 'ps1' : shell}`, completionScript(shell)] as const,
  );
  return Object.fromEntries([...own, ...completions]);
}

async function writeText(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await chmod(dirname(path), 0o755); // whatever the umask
  await writeFile(path, text);
  await chmod(path, 0o644);
}
