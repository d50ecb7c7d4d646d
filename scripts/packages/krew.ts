import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Release } from './archives.ts';

const TEMPLATE = join(import.meta.dirname, 'krew.yaml');

/** The manifest with which krew installs kubeseal as `kubectl seal-secret`. */
export function krewManifest({ owner, version, archives }: Release): string {
  const platforms = Object.values(archives).map(({ os, arch, url, sha256 }) => ({
    selector: { matchLabels: { os, arch } },
    uri: url,
    sha256,
    bin: os === 'windows' ? 'kubeseal.exe' : 'kubeseal',
  }));
  const template = parse(readFileSync(TEMPLATE, 'utf8'));
  const spec = { version: `v${version}`, homepage: owner.repository, ...template.spec, platforms };
  return stringify({ ...template, spec }, { lineWidth: 0 });
}
