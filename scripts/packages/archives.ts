import { downloadAddress, type Owner } from '../owner.ts';

/** A line of SHA256SUMS about an archive of kubeseal: `<hex> [ *]kubeseal-<version>-<os>-<arch>.<ending>`. */
const LINE = /^([0-9a-f]{64}) [ *]?(kubeseal-(.+)-(linux|darwin|windows)-(amd64|arm64)\.(?:tar\.gz|zip))$/;

/** An archive of kubeseal, as package managers download it. */
export interface Archive {
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  readonly url: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** What manifests of package managers are made of. */
export interface Release {
  readonly owner: Owner;
  /** Without a leading v, as in the names of the archives. */
  readonly version: string;
  /** By `os-arch`. */
  readonly archives: Readonly<Record<string, Archive>>;
}

/**
 * The archives of kubeseal that a release has; other lines of the checksums are passed over.
 *
 * @param checksums content of SHA256SUMS
 * @throws Error when there is no archive of this version
 */
export function releaseOf(owner: Owner, version: string, checksums: string): Release {
  const archives = checksums.split('\n').flatMap((line) => {
    const [, sha256 = '', file = '', of, os, arch] = LINE.exec(line.trim()) ?? [];
    if (of !== version) return [];
    return [{ os, arch, sha256, url: downloadAddress(owner, version, file) } as Archive];
  });
  if (archives.length === 0) throw new Error(`no archive kubeseal-${version}-OS-ARCH in the checksums`);
  return {
    owner,
    version,
    archives: Object.fromEntries(archives.map((each) => [`${each.os}-${each.arch}`, each])),
  };
}

/** An archive by `os-arch`. @throws Error where the release has none */
export function archiveFor({ archives, version }: Release, platform: string): Archive {
  const found = archives[platform];
  if (!found) throw new Error(`release ${version} has no kubeseal for ${platform}`);
  return found;
}

/** One line about kubeseal, for all package managers. */
export const DESCRIPTION = 'Seals Kubernetes Secrets so that only one cluster can open them';
