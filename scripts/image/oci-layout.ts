import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Archive, EPOCH_S, packDirectory } from '../archive.ts';
import type { Architecture } from '../executable/platforms.ts';
import { USER_ID } from './root-file-system.ts';

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md */
const TYPE = 'application/vnd.oci.image';

/** How the image is run (image-spec, config.md). deploy/image/Dockerfile says the same. */
export const RUN_CONFIG = {
  User: `${USER_ID}:${USER_ID}`,
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Entrypoint: ['controller'], // the word that the chart says, and upstream's image too
  ExposedPorts: { '8080/tcp': {}, '8081/tcp': {} },
  WorkingDir: '/',
} as const;

/** A pointer to a blob (image-spec, descriptor.md). */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** One platform of the image. */
export interface PlatformImage {
  readonly architecture: Architecture;
  /** Directories, the lowest first. */
  readonly layers: readonly string[];
}

/** What the image is called. */
export interface ImageName {
  /** With registry and repository, without tag. */
  readonly name: string;
  readonly version: string;
}

/**
 * Writes an image for several platforms as OCI image layout (image-layout.md): the same bytes for the same
 * content.
 */
export async function writeOciLayout(
  directory: string,
  { name, version }: ImageName,
  platforms: readonly PlatformImage[],
): Promise<void> {
  const layout = new Layout(directory);
  await mkdir(layout.blobs, { recursive: true });
  const manifests = [];
  for (const { architecture, layers } of platforms) {
    const manifest = await writeManifest(layout, { architecture, layers, version });
    manifests.push({ ...manifest, platform: { architecture, os: 'linux' } });
  }
  const list = { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests };
  const image = await layout.add(list, list.mediaType);
  const annotations = {
    'org.opencontainers.image.ref.name': version, // skopeo, podman
    'io.containerd.image.name': `${name}:${version}`, // ctr, kind, k3s
  };
  const index = { ...list, manifests: [{ ...image, annotations }] };
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

async function writeManifest(
  layout: Layout,
  { architecture, layers, version }: PlatformImage & { readonly version: string },
): Promise<Descriptor> {
  const packed: Archive[] = [];
  for (const layer of layers) packed.push(await layout.addLayer(layer));
  const config = await layout.add(configOf(architecture, version, packed), `${TYPE}.config.v1+json`);
  const manifest = {
    schemaVersion: 2,
    mediaType: `${TYPE}.manifest.v1+json`,
    config,
    layers: packed.map(({ sha256, bytes }) => ({
      mediaType: `${TYPE}.layer.v1.tar+gzip`,
      digest: `sha256:${sha256}`,
      size: bytes,
    })),
  };
  return layout.add(manifest, manifest.mediaType);
}

function configOf(architecture: Architecture, version: string, layers: readonly Archive[]) {
  const created = new Date(EPOCH_S * 1_000).toISOString().replace('.000', '');
  return {
    created,
    architecture,
    os: 'linux',
    config: {
      ...RUN_CONFIG,
      Labels: {
        'org.opencontainers.image.title': 'sealed-secrets-controller',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ tarSha256 }) => `sha256:${tarSha256}`) },
    history: ['glibc and libraries, from Debian', 'the controller'].map((comment) => ({ created, comment })),
  };
}

/** The blobs of a layout, by their digest. */
class Layout {
  readonly blobs: string;

  constructor(directory: string) {
    this.blobs = join(directory, 'blobs/sha256');
  }

  async add(content: object, mediaType: string): Promise<Descriptor> {
    const text = JSON.stringify(content);
    const sha256 = createHash('sha256').update(text).digest('hex');
    await writeFile(join(this.blobs, sha256), text);
    return { mediaType, digest: `sha256:${sha256}`, size: Buffer.byteLength(text) };
  }

  async addLayer(directory: string): Promise<Archive> {
    const file = join(this.blobs, '.layer');
    const archive = await packDirectory(directory, file);
    await rename(file, join(this.blobs, archive.sha256));
    return archive;
  }
}
