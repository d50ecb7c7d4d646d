import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { PACKAGE_EPOCH_S } from '../archive.ts';
import { buildBundles } from '../bundle/bundle.ts';
import { EXTENSION_DIRECTORY } from '../bundle/bundles.ts';
import { npmComponents } from '../licenses/components.ts';
import { formatSbom } from '../licenses/sbom.ts';
import { extensionPublisher, fileAddress, OWNER, type Owner, unfilledNames } from '../owner.ts';

/**
 * `node scripts/vscode/pack.ts [DIRECTORY]`: the extension for VS Code as `kubeseal-vscode-VERSION.vsix`,
 * packed by the official tool, and beside it a bill of materials. It is built from the sources in a folder of
 * its own. Two runs give the same bytes; SOURCE_DATE_EPOCH sets the time in them.
 */
const root = join(import.meta.dirname, '../..');
const SOURCE = join(root, 'packages/vscode');
const VSCE = join(root, 'node_modules/.bin/vsce');
/** The name by which the extension is installed, behind that of the publisher. */
const NAME = 'kubeseal-vscode';
const RULES = 'docs/commands/check.md';

/** Packs the extension into `outDir`, and gives the names of the files. */
export async function packExtension(
  outDir: string,
  version: string = VERSION,
  owner: Owner = OWNER,
): Promise<string[]> {
  const stage = await mkdtemp(join(tmpdir(), 'fuin-vscode-'));
  const files = { extension: `${NAME}-${version}.vsix`, sbom: `${NAME}-${version}.cdx.json` };
  try {
    const chunks = await buildBundles(stage, EXTENSION_DIRECTORY, () => undefined);
    const folder = join(stage, 'packages/vscode');
    await writeTexts(folder, version, owner);
    await mkdir(outDir, { recursive: true });
    await runVsce(folder, resolve(outDir, files.extension));
    const subject = { name: NAME, version, platform: 'node', type: 'application' } as const;
    const components = await npmComponents(chunks.flatMap(({ moduleIds }) => moduleIds));
    await writeFile(join(outDir, files.sbom), formatSbom(subject, components));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return Object.values(files);
}

async function writeTexts(folder: string, version: string, owner: Owner): Promise<void> {
  const manifest = JSON.parse(await readFile(join(SOURCE, 'package.json'), 'utf8'));
  const published = publishedManifest(manifest, version, owner);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
  await copyFile(join(SOURCE, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(root, 'LICENSE'), join(folder, 'LICENSE.txt'));
}

/** In the tree the extension is a package of the workspace; what matters to that is of no interest here. */
function publishedManifest(
  { devDependencies: _, private: _private, type: _type, ...manifest }: Record<string, unknown>,
  version: string,
  owner: Owner,
): object {
  const { vscode } = manifest['engines'] as Record<string, string>;
  const isKnown = !unfilledNames(owner).includes('repository');
  const documentation = fileAddress(owner, version, `${RULES}#rules`);
  return {
    ...manifest,
    name: NAME,
    publisher: extensionPublisher(owner),
    version,
    engines: { vscode },
    ...(isKnown ? { repository: { type: 'git', url: `${owner.repository}.git` } } : {}),
    ...(documentation === undefined ? {} : { documentation }),
  };
}

/** @throws Error with what vsce says */
async function runVsce(folder: string, file: string): Promise<void> {
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--out', file];
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(PACKAGE_EPOCH_S), TZ: 'UTC' };
  await promisify(execFile)(VSCE, args, { cwd: folder, env });
}

if (import.meta.main) {
  const outDir = process.argv[2] ?? join(root, 'dist/vscode');
  for (const file of await packExtension(outDir)) console.log(join(outDir, file));
}
