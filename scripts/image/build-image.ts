import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../executable/platforms.ts';
import type { Built } from '../executable/program.ts';
import { formatSbom } from '../licenses/sbom.ts';
import { LAYERS, writeLayers } from './layers.ts';
import { type ImageName, type PlatformImage, writeOciLayout } from './oci-layout.ts';

/** A controller for each architecture that the image is to have. */
export type Controllers = Readonly<Partial<Record<Architecture, Built>>>;

/** Writes the image as OCI image layout, and gives a bill of materials for each architecture. */
export async function buildImage(
  layout: string,
  image: ImageName,
  controllers: Controllers,
): Promise<Record<string, string>> {
  const work = await mkdtemp(join(tmpdir(), 'fuin-image-'));
  try {
    const platforms: PlatformImage[] = [];
    const sboms: Record<string, string> = {};
    for (const architecture of ['amd64', 'arm64'] as const) {
      const controller = controllers[architecture];
      if (!controller) continue;
      const directory = join(work, architecture);
      const components = await writeLayers(directory, { architecture, controller });
      const subject = { ...image, platform: `linux-${architecture}`, type: 'container' } as const;
      sboms[architecture] = formatSbom(subject, components);
      platforms.push({ architecture, layers: LAYERS.map((layer) => join(directory, layer)) });
    }
    await writeOciLayout(layout, image, platforms);
    return sboms;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Writes bills of materials into the folder of a release; gives the names of the files. */
export async function writeSboms(
  outDir: string,
  name: string,
  sboms: Readonly<Record<string, string>>,
): Promise<string[]> {
  return Promise.all(
    Object.entries(sboms).map(async ([architecture, text]) => {
      const file = `${name}-image-linux-${architecture}.cdx.json`;
      await writeFile(join(outDir, file), text);
      return file;
    }),
  );
}
