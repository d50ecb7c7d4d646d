import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/**
 * `node deploy/krew/manifest.ts VERSION BASE_URL SHA256SUMS > seal-secret.yaml`: the manifest with which krew
 * installs kubeseal as `kubectl seal-secret`. BASE_URL is where the archives of the release lie, SHA256SUMS
 * the file with their checksums.
 */
const TEMPLATE = join(import.meta.dirname, 'seal-secret.yaml');
/** A line of SHA256SUMS about an archive of kubeseal: `<hex> [ *]kubeseal-<version>-<os>-<arch>.tar.gz`. */
const ARCHIVE = /^([0-9a-f]{64}) [ *]?(kubeseal-(.+)-(linux|darwin|windows)-(amd64|arm64|arm)\.tar\.gz)$/;

/** Where the archives of a release are and what is in them. */
export interface Release {
  /** Without a leading v, as in the names of the archives. */
  readonly version: string;
  readonly baseUrl: string;
  /** Content of SHA256SUMS; other files than kubeseal's archives are passed over. */
  readonly checksums: string;
}

/** The plugin's manifest. @throws Error when there is no archive of this version */
export function krewManifest({ version, baseUrl, checksums }: Release): string {
  const platforms = checksums.split('\n').flatMap((line) => {
    const [, sha256, file = '', of, os = '', arch = ''] = ARCHIVE.exec(line.trim()) ?? [];
    if (of !== version) return [];
    const uri = `${baseUrl.replace(/\/$/, '')}/${file}`;
    const bin = os === 'windows' ? 'kubeseal.exe' : 'kubeseal';
    return [{ selector: { matchLabels: { os, arch } }, uri, sha256, bin }];
  });
  if (platforms.length === 0)
    throw new Error(`no archive kubeseal-${version}-OS-ARCH.tar.gz in the checksums`);
  const template = parse(readFileSync(TEMPLATE, 'utf8'));
  const spec = { version: `v${version}`, ...template.spec, platforms };
  return stringify({ ...template, spec }, { lineWidth: 0 });
}

if (import.meta.main) {
  const [version, baseUrl, file] = process.argv.slice(2);
  if (!version || !baseUrl || !file) {
    console.error('usage: node deploy/krew/manifest.ts VERSION BASE_URL SHA256SUMS');
    process.exitCode = 2;
  } else {
    process.stdout.write(krewManifest({ version, baseUrl, checksums: readFileSync(file, 'utf8') }));
  }
}
