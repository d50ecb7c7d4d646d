import { stringify } from 'yaml';
import { archiveFor, DESCRIPTION, type Release } from './archives.ts';

/** The manifest for a bucket of Scoop (github.com/ScoopInstaller/Scoop/wiki/App-Manifests). */
export function scoopManifest(release: Release): string {
  const { url, sha256 } = archiveFor(release, 'windows-amd64');
  const { repository } = release.owner;
  const manifest = {
    version: release.version,
    description: DESCRIPTION,
    homepage: repository,
    license: 'Apache-2.0',
    architecture: { '64bit': { url, hash: sha256 } },
    bin: 'kubeseal.exe',
    checkver: { github: repository },
    autoupdate: {
      architecture: { '64bit': { url: url.replaceAll(release.version, '$version') } },
      hash: { url: '$baseurl/SHA256SUMS' },
    },
  };
  return `${JSON.stringify(manifest, undefined, 4)}\n`;
}

const MANIFEST_VERSION = '1.10.0';
const IDENTIFIER = 'Fuin.Kubeseal';

/**
 * The three manifests for winget, by file name (github.com/microsoft/winget-pkgs,
 * doc/manifest/schema/1.10.0).
 */
export function wingetManifests(release: Release): Readonly<Record<string, string>> {
  const { url, sha256 } = archiveFor(release, 'windows-amd64');
  const { repository, maintainer } = release.owner;
  const common = { PackageIdentifier: IDENTIFIER, PackageVersion: release.version };
  const nested = [{ RelativeFilePath: 'kubeseal.exe', PortableCommandAlias: 'kubeseal' }];
  const installer = { Architecture: 'x64', InstallerUrl: url, InstallerSha256: sha256.toUpperCase() };
  const publisher = maintainer.replace(/ <.*/, '');
  return {
    [`${IDENTIFIER}.yaml`]: document('version', { ...common, DefaultLocale: 'en-US' }),
    [`${IDENTIFIER}.installer.yaml`]: document('installer', {
      ...common,
      InstallerType: 'zip',
      NestedInstallerType: 'portable',
      NestedInstallerFiles: nested,
      Installers: [installer],
    }),
    [`${IDENTIFIER}.locale.en-US.yaml`]: document('defaultLocale', {
      ...common,
      PackageLocale: 'en-US',
      Publisher: publisher,
      PackageName: 'kubeseal',
      PackageUrl: repository,
      License: 'Apache-2.0',
      ShortDescription: DESCRIPTION,
    }),
  };
}

function document(type: string, fields: object): string {
  return stringify({ ...fields, ManifestType: type, ManifestVersion: MANIFEST_VERSION }, { lineWidth: 0 });
}
