import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { packDirectory } from '../../../scripts/archive.ts';
import { hostPlatform } from '../../../scripts/executable/platforms.ts';
import { buildProgram } from '../../../scripts/executable/program.ts';
import { buildImage } from '../../../scripts/image/build-image.ts';
import { type ImageName, writeOciLayout } from '../../../scripts/image/oci-layout.ts';
import { writeProgram } from '../../../scripts/image/root-file-system.ts';
import { imageName, OWNER } from '../../../scripts/owner.ts';
import { template, UPSTREAM_CHART } from '../tools/helm.ts';
import { hostArchitecture } from '../tools/image-tools.ts';
import { installPeer } from '../tools/peer-install.ts';
import { PAUSE_PROGRAM } from './node-tools.ts';
import { PAUSE_IMAGE } from './settings.ts';

/**
 * Writes the images that nodes need as archives into a directory: the one that a release holds, one of
 * upstream's controller under the name that upstream's chart asks for, and one that keeps the network of a
 * Pod.
 */
export async function writeImages(directory: string): Promise<string[]> {
  const { container } = await template({}, { chart: UPSTREAM_CHART });
  const [, name = '', version = ''] = /^(.*):([^:]+)$/.exec(container.image) ?? [];
  const { controller } = await installPeer();
  return [
    await writeRelease(join(directory, 'release')),
    await writeStatic(join(directory, 'upstream'), { name, version }, controller),
    await writeStatic(join(directory, 'pause'), PAUSE_IMAGE, PAUSE_PROGRAM),
  ];
}

async function writeRelease(directory: string): Promise<string> {
  await mkdir(directory);
  const what = { program: 'sealed-secrets-controller', platform: hostPlatform() } as const;
  const controller = await buildProgram(what, directory);
  const { container } = await template();
  const version = container.image.slice(imageName(OWNER).length + 1);
  const layout = join(directory, 'layout');
  await buildImage(layout, { name: imageName(OWNER), version }, { [hostArchitecture()]: controller });
  return packLayout(layout);
}

/** An image of one program that needs no library, started as the controller is. */
async function writeStatic(directory: string, image: ImageName, executable: string): Promise<string> {
  const layer = join(directory, 'layer');
  await mkdir(layer, { recursive: true });
  await writeProgram(layer, { executable, texts: {} });
  await mkdir(join(layer, 'tmp'));
  await chmod(join(layer, 'tmp'), 0o1777);
  const layout = join(directory, 'layout');
  await writeOciLayout(layout, image, [{ architecture: hostArchitecture(), layers: [layer] }]);
  return packLayout(layout);
}

async function packLayout(layout: string): Promise<string> {
  const archive = `${layout}.tar`;
  await packDirectory(layout, archive, false);
  return archive;
}
