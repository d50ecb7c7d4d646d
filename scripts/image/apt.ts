import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sha256OfFile } from '../archive.ts';
import type { Architecture } from '../executable/platforms.ts';

const run = promisify(execFile);
/** The suite that images take their packages from. */
const IMAGE_SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** A downloaded package, which is deleted when the function that received it is done. */
export interface Download {
  readonly path: string;
  readonly sha256: string;
}

/** Which packages to download. */
export interface Wanted {
  readonly architecture: Architecture;
  /** Each as apt-get takes it, such as `runc` or `libc6=2.41-12`. */
  readonly names: readonly string[];
  /** Codename of a release; that of the image by default. */
  readonly suite?: string;
}

/**
 * Downloads packages of any architecture with apt, which checks Debian's signatures, and hands them over;
 * works in a directory within `cache` and touches nothing of this machine's own apt. debian.ts explains
 * FUIN_DEBIAN_MIRROR.
 */
export async function download<T>(
  cache: string,
  { architecture, names, suite = IMAGE_SUITE }: Wanted,
  use: (files: readonly Download[]) => Promise<T>,
): Promise<T> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'apt-'));
  try {
    const options = await privateApt(work, architecture, suite);
    const files = join(work, 'files');
    await mkdir(files);
    await run('apt-get', [...options, 'update'], { cwd: files });
    await run('apt-get', [...options, 'download', ...names], { cwd: files });
    const paths = (await readdir(files)).sort().map((name) => join(files, name));
    return await use(
      await Promise.all(paths.map(async (path) => ({ path, sha256: await sha256OfFile(path) }))),
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Options that make apt keep everything below `directory`.
 * @throws Error where there is nothing to check Debian's signatures with
 */
async function privateApt(directory: string, architecture: Architecture, suite: string): Promise<string[]> {
  if (!existsSync(KEYRING)) throw new Error('needs Debian with apt and debian-archive-keyring');
  const snapshot = process.env['FUIN_DEBIAN_MIRROR'];
  const mirror = snapshot ?? 'http://deb.debian.org/debian';
  const stale = snapshot ? ' check-valid-until=no' : ''; // a snapshot is old on purpose
  const signed = `signed-by=${KEYRING}${stale}`;
  const security = `${mirror.replace('/debian', '/debian-security')} ${suite}-security`;
  const sources = [`${mirror} ${suite}`, security].map((source) => `deb [${signed}] ${source} main\n`);
  const at = (name: string) => join(directory, name);
  await Promise.all(
    ['lists/partial', 'cache/archives/partial'].map((d) => mkdir(at(d), { recursive: true })),
  );
  await Promise.all([writeFile(at('sources.list'), sources.join('')), writeFile(at('status'), '')]);
  return [
    'APT::Sandbox::User=root', // nobody else may write here
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    'Acquire::Languages=none',
    `Dir::Etc::sourcelist=${at('sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `Dir::State::lists=${at('lists')}`,
    `Dir::State::status=${at('status')}`,
    `Dir::Cache=${at('cache')}`,
  ].flatMap((option) => ['-o', option]);
}
