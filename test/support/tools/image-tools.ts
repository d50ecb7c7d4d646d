import { join } from 'node:path';
import { buildSigner } from '../../../scripts/executable/macos-signature.ts';
import { hostPlatform, nodeFor, PLATFORMS } from '../../../scripts/executable/platforms.ts';
import { buildGoProgram, goTool } from '../../../scripts/go-tool.ts';
import { fetchPackages } from '../../../scripts/image/debian.ts';
import { installPython } from './python-tool.ts';

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
  await Promise.all([
    buildGoProgram(MODULE, PROGRAM),
    ...[OTHER_PLATFORM, MACOS].map(nodeFor),
    ...(['crane', 'nfpm'] as const).map(goTool),
    buildSigner(),
    installPython(liefPython, [`lief==${LIEF_VERSION}`]),
    ...['amd64' as const, 'arm64' as const].map((architecture) => fetchPackages(architecture)),
  ]);
}

/** Path of a Python that has LIEF. */
export const liefPython = join(LIEF, 'bin', 'python');

/** Path of the program that validates an image layout (test/image/validate). */
export function layoutValidator(): string {
  return PROGRAM;
}

/** Architecture of this machine, as images name it. */
export function hostArchitecture(): 'amd64' | 'arm64' {
  return PLATFORMS[hostPlatform()]?.arch ?? 'amd64';
}
