import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '.cache');

/**
 * No C compiler needed; a lazier garbage collector makes the compiler a sixth faster for some more memory.
 */
export const GO_BUILD_ENV = { CGO_ENABLED: '0', GOGC: '400' };

/**
 * Programs that make, judge or publish a release; Go's checksum database vouches for what is behind a
 * version.
 */
export const GO_TOOLS = {
  cosign: 'github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3',
  crane: 'github.com/google/go-containerregistry/cmd/crane@v0.22.1',
  helm: 'helm.sh/helm/v4/cmd/helm@v4.3.1',
  nfpm: 'github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.48.0',
} as const;

/** Path of a program, which is built where it is missing. Needs Go and, the first time, its module proxy. */
export function goTool(name: keyof typeof GO_TOOLS): Promise<string> {
  const source = GO_TOOLS[name];
  return installGoProgram(source, join(CACHE, source.replace(/^.*@/, `${name}-`)));
}

/**
 * Builds a released program into a directory, unless it is there; gives its path.
 *
 * @param source `module/cmd/name@version`
 */
export async function installGoProgram(source: string, directory: string): Promise<string> {
  const path = join(directory, programOf(source));
  const env = { ...process.env, ...GO_BUILD_ENV, GOBIN: directory };
  if (!existsSync(path)) await run('go', ['install', '-ldflags=-s -w', source], { env });
  return path;
}

/** How Go calls a program: by the last part of its path that is no version. */
export function programOf(source: string): string {
  return basename(source.replace(/(?:\/v\d+)?@.*/, ''));
}

/** Builds the program of a Go module of this repository; Go itself knows whether it is out of date. */
export async function buildGoProgram(module: string, program: string): Promise<void> {
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', program, '.'];
  await run('go', args, { cwd: module, env: { ...process.env, ...GO_BUILD_ENV } });
}
