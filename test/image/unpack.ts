import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** As much of an image's configuration as a runtime needs. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly [field: string]: unknown;
}

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly architecture: string };
}

/** An image of a layout, for one architecture. */
export interface Image {
  readonly config: ImageConfig;
  /** Paths of the compressed layers, the lowest first. */
  readonly layers: readonly string[];
}

/** Finds an image in a layout like an engine: index.json, the image's index, manifest and configuration. */
export async function readImage(layout: string, architecture: string): Promise<Image> {
  const blob = ({ digest }: Descriptor) => join(layout, 'blobs', digest.replace(':', '/'));
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
  const [image]: Descriptor[] = (await read(join(layout, 'index.json'))).manifests;
  if (!image) throw new Error('no image in the layout');
  const manifests: Descriptor[] = (await read(blob(image))).manifests;
  const found = manifests.find(({ platform }) => platform?.architecture === architecture);
  if (!found) throw new Error(`no image for ${architecture}`);
  const manifest: { config: Descriptor; layers: Descriptor[] } = await read(blob(found));
  const { config } = await read(blob(manifest.config));
  return { config, layers: manifest.layers.map(blob) };
}

/** Unpacks the layers over each other, with the owners and modes that they say. */
export async function unpackImage({ layers }: Image, directory: string): Promise<void> {
  for (const layer of layers) await run('tar', ['-xpzf', layer, '-C', directory]);
}

/** A file of an image. */
export interface ImageFile {
  readonly path: string;
  /** As `ls -l` prints it, such as `-rwxr-xr-x`. */
  readonly mode: string;
  /** `user/group`, as numbers. */
  readonly owner: string;
}

/** Every file of the layers. */
export async function listImage({ layers }: Image): Promise<ImageFile[]> {
  const lists = layers.map(async (layer) => {
    const { stdout } = await run('tar', ['-tvzf', layer, '--numeric-owner']);
    return stdout.trim().split('\n').map(parseLine);
  });
  return (await Promise.all(lists)).flat();
}

function parseLine(line: string): ImageFile {
  const [mode = '', owner = '', , , , path = ''] = line.split(/\s+/);
  return { path: path.replace(/\/$/, ''), mode, owner };
}
