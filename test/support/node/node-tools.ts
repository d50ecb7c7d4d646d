import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildGoProgram } from '../../../scripts/go-tool.ts';
import { download } from '../../../scripts/image/apt.ts';
import { fetchPackages } from '../../../scripts/image/debian.ts';
import { installHelm } from '../tools/chart-tools.ts';
import { hostArchitecture } from '../tools/image-tools.ts';
import { installPeer } from '../tools/peer-install.ts';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '.cache');
const PAUSE = join(import.meta.dirname, 'pause');
const PACKAGES = ['containerd', 'runc', 'containernetworking-plugins'];

/** The program of the image that keeps the network of a Pod. */
export const PAUSE_PROGRAM = join(CACHE, 'pause', 'pause');

/** Programs out of Debian's packages, unpacked; nothing of them is installed. */
export interface NodePackages {
  /** Directories with containerd, its shim, ctr and runc. */
  readonly path: readonly string[];
  readonly runc: string;
  /** The directory of CNI's plugins. */
  readonly cni: string;
}

/** Codename of the Debian that this is, whose programs fit its libraries; undefined elsewhere. */
export function debianRelease(): string | undefined {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID=debian$/m.test(text) ? /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] : undefined;
}

/** Where installNodeTools() puts what it takes from Debian. */
export function nodePackages(): NodePackages {
  const root = packagesDirectory();
  return {
    path: [join(root, 'usr/bin'), join(root, 'usr/sbin')],
    runc: join(root, 'usr/sbin/runc'),
    cni: join(root, 'usr/lib/cni'),
  };
}

/**
 * Fetches and builds what a node of tests and the images on it are made of, where it is missing. Needs Debian
 * with apt, Go and, the first time, a network.
 */
export async function installNodeTools(): Promise<void> {
  await Promise.all([
    unpackPackages(),
    buildGoProgram(PAUSE, PAUSE_PROGRAM),
    installHelm(),
    installPeer(),
    fetchPackages(hostArchitecture()),
  ]);
}

function packagesDirectory(): string {
  return join(CACHE, `node-${debianRelease()}`);
}

async function unpackPackages(): Promise<void> {
  const suite = debianRelease();
  const target = packagesDirectory();
  if (suite === undefined) throw new Error('needs Debian');
  if (existsSync(target)) return;
  const wanted = { architecture: hostArchitecture(), names: PACKAGES, suite };
  await download(CACHE, wanted, async (files) => {
    const root = await mkdtemp(join(CACHE, 'unpack-'));
    try {
      for (const { path } of files) await run('dpkg-deb', ['--extract', path, root]);
      await rename(root, target);
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw error;
    }
  });
}
