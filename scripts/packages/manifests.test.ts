import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { OWNER } from '../owner.ts';
import { releaseOf } from './archives.ts';
import { packageManifests } from './manifests.ts';

const VERSION = '1.2.3';
const PLATFORMS = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64', 'windows-amd64'] as const;
const sumOf = (platform: string) => Buffer.from(platform).toString('hex').padEnd(64, '0');
const fileOf = (platform: string) =>
  `kubeseal-${VERSION}-${platform}.${platform.startsWith('windows') ? 'zip' : 'tar.gz'}`;
const SUMS = [
  ...PLATFORMS.map((platform) => `${sumOf(platform)}  ${fileOf(platform)}`),
  `${'0'.repeat(64)}  sealed-secrets-controller-${VERSION}-linux-amd64.tar.gz`,
  `${'1'.repeat(64)}  kubeseal-1.2.2-linux-amd64.tar.gz`,
].join('\n');
const owner = {
  ...OWNER,
  repository: 'https://git.example.org/team/fuin',
  maintainer: 'Team <team@example.org>',
};
const manifests = packageManifests(releaseOf(owner, VERSION, SUMS));

/** Which archives a package manager can install. */
const TAKEN: Readonly<Record<string, readonly (typeof PLATFORMS)[number][]>> = {
  'aur/PKGBUILD': ['linux-amd64', 'linux-arm64'],
  'homebrew/kubeseal.rb': ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'],
  'krew/seal-secret.yaml': PLATFORMS,
  'nix/kubeseal.nix': ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'],
  'scoop/kubeseal.json': ['windows-amd64'],
  'winget/Fuin.Kubeseal.installer.yaml': ['windows-amd64'],
};

/** The checksum that follows an address most closely. */
function sumBehind(text: string, address: string): string {
  const [, sum = ''] = /([0-9a-fA-F]{64})/.exec(text.slice(text.indexOf(address))) ?? [];
  return sum.toLowerCase();
}

describe('manifests for package managers', () => {
  it.each(Object.entries(TAKEN))(
    '%s names the archives of this release, each with its checksum',
    (file, platforms) => {
      const text = manifests[file] ?? '';
      for (const platform of PLATFORMS) {
        const address = `https://git.example.org/team/fuin/releases/download/v${VERSION}/${fileOf(platform)}`;
        const isTaken = platforms.includes(platform);
        expect([platform, text.includes(address)]).toEqual([platform, isTaken]);
        if (!isTaken) continue;
        // a PKGBUILD has it a line below, all others beside the address
        expect(sumBehind(text, address)).toBe(sumOf(platform));
      }
      expect(text).not.toContain('localhost');
    },
  );
  it('for winget are three documents of one version, and the installer unpacks one program', () => {
    const read = (part: string) => parse(manifests[`winget/Fuin.Kubeseal${part}.yaml`] ?? '');
    const documents = ['', '.installer', '.locale.en-US'].map(read);
    const types = ['version', 'installer', 'defaultLocale'];
    for (const [index, document] of documents.entries())
      expect(document).toMatchObject({
        PackageIdentifier: 'Fuin.Kubeseal',
        PackageVersion: VERSION,
        ManifestType: types[index],
        ManifestVersion: '1.10.0',
      });
    expect(documents[0]).toMatchObject({ DefaultLocale: documents[2].PackageLocale });
    expect(documents[1]).toMatchObject({
      InstallerType: 'zip',
      NestedInstallerType: 'portable',
      NestedInstallerFiles: [{ RelativeFilePath: 'kubeseal.exe', PortableCommandAlias: 'kubeseal' }],
      Installers: [{ Architecture: 'x64' }],
    });
    for (const field of ['Publisher', 'PackageName', 'License', 'ShortDescription'])
      expect(documents[2][field]).toMatch(/\w/);
  });
  it('for krew name the program of each platform', () => {
    const { metadata, spec } = parse(manifests['krew/seal-secret.yaml'] ?? '');
    expect([metadata.name, spec.version, spec.homepage]).toEqual(['seal-secret', 'v1.2.3', owner.repository]);
    const programs = spec.platforms.map((each: { bin: string }) => each.bin);
    expect(programs).toEqual(['kubeseal', 'kubeseal', 'kubeseal', 'kubeseal', 'kubeseal.exe']);
  });
  it('for Scoop can be updated by Scoop itself', () => {
    const { checkver, autoupdate, bin } = JSON.parse(manifests['scoop/kubeseal.json'] ?? '');
    expect(checkver).toEqual({ github: owner.repository });
    expect(autoupdate.architecture['64bit'].url).toBe(
      `${owner.repository}/releases/download/v$version/kubeseal-$version-windows-amd64.zip`,
    );
    expect(bin).toBe('kubeseal.exe');
  });
  it('are not made of a release that lacks what they install', () => {
    const release = releaseOf(owner, VERSION, SUMS.replace(/^.*darwin-arm64.*$/m, ''));
    expect(() => packageManifests(release)).toThrow('release 1.2.3 has no kubeseal for darwin-arm64');
    expect(() => releaseOf(owner, '9.9.9', SUMS)).toThrow('no archive kubeseal-9.9.9-OS-ARCH');
  });
});
