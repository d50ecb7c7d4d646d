import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianComponents } from '../release/components.ts';
import { ALLOWED_IN_IMAGE, formatNotices, refusedLicenses } from '../release/notices.ts';
import { type Built, LICENSE } from '../release/program-archive.ts';
import { formatSbom } from '../release/sbom.ts';
import type { Architecture } from './debian.ts';
import { type ImageName, type PlatformImage, writeOciLayout } from './oci-layout.ts';
import { writeProgram, writeSystem } from './root-file-system.ts';

/** A controller for one architecture, and the notices of what is in it. */
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
      const layers = [join(work, `${architecture}-system`), join(work, `${architecture}-program`)] as const;
      await Promise.all(layers.map((layer) => mkdir(layer)));
      sboms[architecture] = await fillLayers(layers, { architecture, controller, image });
      platforms.push({ architecture, layers });
    }
    await writeOciLayout(layout, image, platforms);
    return sboms;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fillLayers(
  [system, program]: readonly [string, string],
  { architecture, controller, image }: LayerContent,
): Promise<string> {
  const components = [...controller.components, ...(await debianComponents(architecture))];
  const refused = refusedLicenses(components, ALLOWED_IN_IMAGE);
  if (refused.length > 0) throw new Error(`licences that are not allowed: ${refused.join(', ')}`);
  await writeSystem(system, architecture);
  await writeProgram(program, {
    executable: controller.file,
    texts: {
      LICENSE: await readFile(LICENSE, 'utf8'),
      'THIRD-PARTY-NOTICES.txt': formatNotices('The image', components),
    },
  });
  const subject = { ...image, platform: `linux-${architecture}`, type: 'container' } as const;
  return formatSbom(subject, components);
}

interface LayerContent {
  readonly architecture: Architecture;
  readonly controller: Built;
  readonly image: ImageName;
}

/** Writes bills of materials beside an image. */
export async function writeSboms(outDir: string, name: string, sboms: Readonly<Record<string, string>>) {
  return Promise.all(
    Object.entries(sboms).map(async ([architecture, text]) => {
      const file = `${name}-image-linux-${architecture}.cdx.json`;
      await writeFile(join(outDir, file), text);
      return file;
    }),
  );
}
