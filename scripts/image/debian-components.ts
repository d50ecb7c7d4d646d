import type { Architecture } from '../executable/platforms.ts';
import type { Component } from '../licenses/components.ts';
import { pinnedPackages } from './debian.ts';

/** What the image takes from Debian; the copyright files lie beside it. */
export async function debianComponents(architecture: Architecture): Promise<Component[]> {
  return (await pinnedPackages(architecture)).map(({ name, version, source, license }) => {
    const [sourceName, sourceVersion] = source.split(' ');
    return {
      name,
      version,
      license,
      purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-13`,
      text: [
        `Copyright and licence: /usr/share/doc/${name}/copyright and /usr/share/common-licenses in the image.`,
        `Source: https://snapshot.debian.org/package/${sourceName}/${sourceVersion}/`,
      ].join('\n'),
    };
  });
}
