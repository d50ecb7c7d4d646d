import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildBundles } from '../bundle/bundle.ts';
import { OWNER, type Owner, unfilledNames } from '../owner.ts';
import { writeManualPages } from './manual-pages.ts';

/**
 * `node scripts/release/npm-packages.ts [folder]`: the npm packages as they are published, as `.tgz` files in
 * `folder` (`dist/packages` below the root). They are built from the sources in a folder of their own, so
 * that nothing left in the tree gets into them.
 */
const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Folders of the packages that are published, below `packages`. */
export const PUBLISHED = ['crypto-core', 'go-template', 'kubeseal-cli', 'controller'] as const;

/** Packs all packages into `destination`, in the owner's scope, and gives their files by folder. */
export async function packPackages(
  destination: string,
  owner: Owner = OWNER,
): Promise<Readonly<Record<string, string>>> {
  const stage = await mkdtemp(join(tmpdir(), 'pack-'));
  try {
    await buildBundles(stage, '', () => undefined);
    await writeManualPages(stage);
    await mkdir(destination, { recursive: true });
    const packed = await Promise.all(
      PUBLISHED.map(async (name) => {
        await writeText(name, join(stage, 'packages', name), owner);
        return [name, await pack(join(stage, 'packages', name), resolve(destination))] as const;
      }),
    );
    return Object.fromEntries(packed);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Writes what a package has beside its bundle. */
async function writeText(name: string, folder: string, owner: Owner): Promise<void> {
  const source = join(root, 'packages', name);
  const manifest = publishedManifest(JSON.parse(await readFile(join(source, 'package.json'), 'utf8')));
  const named = { ...manifest, ...originOf(name, owner), name: `${owner.npmScope}/${name}` };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(named, undefined, 2)}\n`);
  const manual = await readFile(join(source, 'README.md'), 'utf8');
  await writeFile(join(folder, 'README.md'), manual.replaceAll(`${OWNER.npmScope}/`, `${owner.npmScope}/`));
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

/**
 * Where a package comes from, which npm compares with the place that publishes it. Nothing as long as there
 * is no such place: then npm refuses to publish instead of claiming a wrong one.
 */
function originOf(name: string, owner: Owner): object {
  if (unfilledNames(owner).includes('repository')) return {};
  const url = `git+${owner.repository}.git`;
  return { homepage: owner.repository, repository: { type: 'git', url, directory: `packages/${name}` } };
}

async function pack(folder: string, destination: string): Promise<string> {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination];
  const { stdout } = await run('npm', args, { cwd: folder });
  return join(destination, stdout.trim());
}

/**
 * In the tree a package runs from source. What it says instead once built stands in publishConfig, as pnpm
 * has it; what was bundled is of no interest any more.
 */
function publishedManifest({ devDependencies: _, publishConfig, ...manifest }: Record<string, unknown>) {
  const { access, provenance, ...instead } = publishConfig as Record<string, unknown>;
  return { ...manifest, ...instead, publishConfig: { access, provenance } };
}

if (import.meta.main) {
  const files = await packPackages(process.argv[2] ?? join(root, 'dist/packages'));
  for (const file of Object.values(files)) console.log(file);
}
