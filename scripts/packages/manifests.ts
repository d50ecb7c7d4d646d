import { join } from 'node:path';
import { writeFiles } from '../files.ts';
import { pkgbuild } from './arch-linux.ts';
import type { Release } from './archives.ts';
import { homebrewFormula } from './homebrew.ts';
import { krewManifest } from './krew.ts';
import { nixExpression } from './nix.ts';
import { scoopManifest, wingetManifests } from './windows.ts';

/** Folder of a release with what other repositories take over. */
export const FOLDER = 'package-managers';

/** What package managers install kubeseal by, by file below FOLDER. */
export function packageManifests(release: Release): Readonly<Record<string, string>> {
  const winget = Object.entries(wingetManifests(release)).map(([file, text]) => [`winget/${file}`, text]);
  return {
    'aur/PKGBUILD': pkgbuild(release),
    'homebrew/kubeseal.rb': homebrewFormula(release),
    'krew/seal-secret.yaml': krewManifest(release),
    'nix/kubeseal.nix': nixExpression(release),
    'scoop/kubeseal.json': scoopManifest(release),
    ...Object.fromEntries(winget),
  };
}

/** Writes them below the folder of a release and gives their paths in it. */
export async function writePackageManifests(outDir: string, release: Release): Promise<string[]> {
  const files = Object.entries(packageManifests(release)).map(
    ([name, text]) => [join(FOLDER, name), text] as const,
  );
  await writeFiles(outDir, files);
  return files.map(([file]) => file);
}
