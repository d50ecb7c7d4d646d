import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { VERSION } from '../../packages/controller/src/version.ts';
import { packDirectory } from '../archive.ts';
import { imageName, imageParts, OWNER, type Owner } from '../owner.ts';

/**
 * `node scripts/release/chart.ts DIRECTORY`: packs the chart into a directory, as a release has it.
 */
const DEPLOY = join(import.meta.dirname, '../../deploy');
const CHART = 'sealed-secrets';
/** What `kubectl apply` takes. */
const PLAIN = ['crd.yaml', 'rbac.yaml', 'controller.yaml'] as const;

/** Packs the chart like `helm package`, with the owner's image as default; gives the file's name. */
export async function writeChart(outDir: string, version: string, owner: Owner): Promise<string> {
  const file = `${CHART}-${version}.tgz`;
  const work = await mkdtemp(join(tmpdir(), 'fuin-chart-'));
  try {
    const chart = join(work, CHART);
    await mkdir(chart);
    await cp(join(DEPLOY, 'helm', CHART), chart, { recursive: true });
    for (const name of Object.keys(PLACES)) {
      const text = await readFile(join(chart, name), 'utf8');
      await writeFile(join(chart, name), renamed(name, text, owner));
    }
    await packDirectory(work, join(outDir, file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return file;
}

/**
 * Writes the three plain manifests as one file, `sealed-secrets-controller-<version>.yaml`; gives its name.
 */
export async function writePlainManifests(outDir: string, version: string, owner: Owner): Promise<string> {
  const texts = await Promise.all(PLAIN.map((name) => readFile(join(DEPLOY, name), 'utf8')));
  const file = `sealed-secrets-controller-${version}.yaml`;
  await writeFile(join(outDir, file), texts.join('---\n').replaceAll(imageName(OWNER), imageName(owner)));
  return file;
}

/** Places of the chart that name the image, as text; each file has as many for one owner as for another. */
const PLACES: Readonly<Record<string, (image: ReturnType<typeof imageParts>) => readonly string[]>> = {
  'values.yaml': ({ registry, repository }) => [
    `\n  registry: ${registry}\n`,
    `\n  repository: ${repository}\n`,
  ],
  'templates/_owner.tpl': ({ registry, repository }) => [
    `ownRegistry" }}${registry}{{`,
    `ownRepository" }}${repository}{{`,
  ],
};

/** @throws Error when the chart of the tree has no such place, or has it twice */
function renamed(file: string, text: string, owner: Owner): string {
  const places = PLACES[file] ?? (() => []);
  const after = places(imageParts(owner));
  return places(imageParts(OWNER)).reduce((sum, before, index) => {
    const parts = sum.split(before);
    if (parts.length !== 2) throw new Error(`${file} of the chart says ${parts.length - 1} times: ${before}`);
    return parts.join(after[index]);
  }, text);
}

if (import.meta.main) {
  const outDir = resolve(process.argv[2] ?? '.');
  console.log(join(outDir, await writeChart(outDir, VERSION, OWNER)));
}
