import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeVersions } from './versions.ts';

/**
 * Unpacks the documentation of every release into a folder, and lists the versions.
 *
 * @param archives folder of files as writeDocumentation names them
 */
export async function assembleSite(archives: string, outDir: string): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  const names = (await readdir(archives)).filter((name) => /^documentation-[\d.]+\.tar\.gz$/.test(name));
  for (const name of names.sort())
    await promisify(execFile)('tar', ['-xzf', join(archives, name), '-C', outDir, '--no-same-owner']);
  return writeVersions(outDir);
}

/** `node scripts/site/assemble.ts ARCHIVES DIRECTORY`: for the job that serves the documentation. */
if (import.meta.main) {
  const [archives = '', outDir = ''] = process.argv.slice(2);
  console.log((await assembleSite(archives, outDir)).join('\n'));
}
