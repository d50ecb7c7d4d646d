import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSigner } from '../../../scripts/executable/macos-signature.ts';
import { hostPlatform, nodeFor, PLATFORMS } from '../../../scripts/executable/platforms.ts';
import { goTool } from '../../../scripts/go-tool.ts';
import { fetchPackages } from '../../../scripts/image/debian.ts';
import { GO_BUILD_ENV } from '../../kube-apiserver/build.ts';

const MODULE = join(import.meta.dirname, '../..', 'image', 'validate');
const PROGRAM = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache', 'validate', 'validate');
/** The platform that tests build for beside their own. */
export const OTHER_PLATFORM = hostPlatform() === 'linux-arm64' ? 'linux-amd64' : 'linux-arm64';

/** The one that tests build for macOS. */
export const MACOS = 'darwin-arm64';
/** https://lief.re, which reads executables of all systems; Node puts programs into its own with it, too. */
const LIEF_VERSION = '1.0.0';
const LIEF = join(import.meta.dirname, '.cache', `lief-${LIEF_VERSION}`);

/** Fetches what tests of image and release build with. Needs a network, Go, npm and Debian's apt. */
export async function installImageTools(): Promise<void> {
  const build = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', PROGRAM, '.'];
  await Promise.all([
    promisify(execFile)('go', build, { cwd: MODULE, env: { ...process.env, ...GO_BUILD_ENV } }),
    ...[OTHER_PLATFORM, MACOS].map(nodeFor),
    ...(['crane', 'nfpm'] as const).map(goTool),
    buildSigner(),
    installLief(),
    ...['amd64' as const, 'arm64' as const].map((architecture) => fetchPackages(architecture)),
  ]);
}

/** Path of a Python that has LIEF. */
export const liefPython = join(LIEF, 'bin', 'python');

async function installLief(): Promise<void> {
  if (existsSync(liefPython)) return;
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', LIEF]);
  await run(join(LIEF, 'bin', 'pip'), ['install', '--quiet', '--no-deps', `lief==${LIEF_VERSION}`]);
}

/** Path of the program that validates an image layout (test/image/validate). */
export function layoutValidator(): string {
  return PROGRAM;
}

/** Architecture of this machine, as images name it. */
export function hostArchitecture(): 'amd64' | 'arm64' {
  return PLATFORMS[hostPlatform()]?.arch ?? 'amd64';
}
