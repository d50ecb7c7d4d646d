import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostPlatform, nodeFor, PLATFORMS } from '../../../scripts/executable/platforms.ts';
import { fetchPackages } from '../../../scripts/image/debian.ts';
import { GO_BUILD_ENV } from '../../kube-apiserver/build.ts';

const MODULE = join(import.meta.dirname, '../..', 'image', 'validate');
const PROGRAM = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache', 'validate', 'validate');
/** The platform that tests build for beside their own. */
export const OTHER_PLATFORM = hostPlatform() === 'linux-arm64' ? 'linux-amd64' : 'linux-arm64';

/** Fetches what tests of image and release build with. Needs a network, Go, npm and Debian's apt. */
export async function installImageTools(): Promise<void> {
  const build = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', PROGRAM, '.'];
  await Promise.all([
    promisify(execFile)('go', build, { cwd: MODULE, env: { ...process.env, ...GO_BUILD_ENV } }),
    nodeFor(OTHER_PLATFORM),
    ...['amd64' as const, 'arm64' as const].map((architecture) => fetchPackages(architecture)),
  ]);
}

/** Path of the program that validates an image layout (test/image/validate). */
export function layoutValidator(): string {
  return PROGRAM;
}

/** Architecture of this machine, as images name it. */
export function hostArchitecture(): 'amd64' | 'arm64' {
  return PLATFORMS[hostPlatform()]?.arch ?? 'amd64';
}
