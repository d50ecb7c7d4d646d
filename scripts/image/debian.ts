import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from '../executable/platforms.ts';
import { type Download, download } from './apt.ts';

/**
 * `node scripts/image/debian.ts`: pins what the image takes from Debian to what Debian has today. Everything
 * else reads the pins and accepts nothing that differs from them. Needs Debian's apt; FUIN_DEBIAN_MIRROR
 * names another mirror, such as a day's snapshot
 * (https://snapshot.debian.org/archive/debian/20261101T000000Z), for versions that Debian has replaced since.
 */
const run = promisify(execFile);
const PINS = join(import.meta.dirname, '../../deploy/image/debian-packages.json');
const CACHE = join(import.meta.dirname, '../../deploy/image/.cache');

/**
 * Package -> licence of what the image takes out of it. Node is linked to the libraries; base-files has the
 * licence texts.
 */
const LICENSES: Readonly<Record<string, string>> = {
  'base-files': 'GPL-2.0-or-later',
  // of the three below: its folder has their copyright file
  'gcc-14-base': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  libatomic1: 'GPL-3.0-or-later WITH GCC-exception-3.1',
  libc6: 'LGPL-2.1-or-later',
  'libgcc-s1': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  'libstdc++6': 'GPL-3.0-or-later WITH GCC-exception-3.1',
};

/** One pinned package. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Source package and its version, for those who want the source. */
  readonly source: string;
  /** Of the file. */
  readonly sha256: string;
  /** SPDX expression. */
  readonly license: string;
}

/** What is pinned for an architecture. */
export async function pinnedPackages(architecture: Architecture): Promise<readonly DebianPackage[]> {
  return JSON.parse(await readFile(PINS, 'utf8'))[architecture];
}

/**
 * Paths of the pinned packages, fetched by apt unless they are in the cache.
 *
 * @throws Error when a file is not the pinned one, or Debian no longer has it
 */
export async function fetchPackages(architecture: Architecture): Promise<string[]> {
  const pinned = await pinnedPackages(architecture);
  const wanted = pinned.filter(({ sha256 }) => !existsSync(cached(sha256)));
  const versions = wanted.map(({ name, version }) => `${name}=${version}`);
  if (wanted.length > 0) {
    await download(CACHE, { architecture, names: versions }, async (files) => {
      const found = new Set(files.map(({ sha256 }) => sha256));
      const odd = wanted.filter(({ sha256 }) => !found.has(sha256)).map(({ name }) => name);
      if (odd.length > 0) throw new Error(`not the pinned file for ${architecture}: ${odd.join(', ')}`);
      await Promise.all(files.map(({ path, sha256 }) => rename(path, cached(sha256))));
    });
  }
  return pinned.map(({ sha256 }) => cached(sha256));
}

const cached = (sha256: string) => join(CACHE, `${sha256}.deb`);

/** Field by field what a package says of itself. */
async function describe({ path, sha256 }: Download): Promise<DebianPackage> {
  const format = ['Package', 'Version', 'source:Package', 'source:Version']
    .map((field) => `\${${field}}`)
    .join(' ');
  const { stdout } = await run('dpkg-deb', ['--show', `--showformat=${format}`, path]);
  const [name = '', version = '', source, sourceVersion] = stdout.trim().split(' ');
  const license = LICENSES[name];
  if (!license) throw new Error(`no licence noted for ${name}`);
  return { name, version, source: `${source} ${sourceVersion}`, sha256, license };
}

async function pin(): Promise<void> {
  const pins: Record<string, readonly DebianPackage[]> = {};
  for (const architecture of ['amd64', 'arm64'] as const) {
    const describeAll = (files: readonly Download[]) => Promise.all(files.map(describe));
    pins[architecture] = await download(CACHE, { architecture, names: Object.keys(LICENSES) }, describeAll);
  }
  await writeFile(PINS, `${JSON.stringify(pins, undefined, 2)}\n`);
}

if (import.meta.main) await pin();
