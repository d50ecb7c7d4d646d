import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CACHE = join(import.meta.dirname, '.cache');

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
export async function goTool(name: keyof typeof GO_TOOLS): Promise<string> {
  const directory = join(CACHE, GO_TOOLS[name].replace(/^.*@/, `${name}-`));
  const path = join(directory, name);
  if (!existsSync(path)) await install(GO_TOOLS[name], directory);
  return path;
}

async function install(source: string, directory: string): Promise<void> {
  // no C compiler needed; a lazier garbage collector makes the compiler faster
  const env = { ...process.env, GOBIN: directory, CGO_ENABLED: '0', GOGC: '400' };
  await promisify(execFile)('go', ['install', '-ldflags=-s -w', source], { env });
}
