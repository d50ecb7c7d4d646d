import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GO_BUILD_ENV } from '../../kube-apiserver/build.ts';

/** The newest version that `go install` accepts under this path. */
const PEER_VERSION = 'v0.27.1';

const binDirectory = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache', `peer-${PEER_VERSION}`);
const tools = { kubeseal: join(binDirectory, 'kubeseal'), controller: join(binDirectory, 'controller') };

/**
 * Builds upstream's kubeseal and controller into the cache, where missing. Needs Go and, the first time, its
 * module proxy.
 */
export async function installPeer(): Promise<typeof tools> {
  if (!Object.values(tools).every((tool) => existsSync(tool))) {
    const packages = Object.keys(tools).map(
      (tool) => `github.com/bitnami-labs/sealed-secrets/cmd/${tool}@${PEER_VERSION}`,
    );
    const env = { ...process.env, GOBIN: binDirectory, ...GO_BUILD_ENV };
    await promisify(execFile)('go', ['install', '-ldflags=-s -w', ...packages], { env });
  }
  return tools;
}

/** Tells why upstream's programs can not be had here; undefined when they can. */
export function peerProblem(): string | undefined {
  const isInstalled = Object.values(tools).every((tool) => existsSync(tool));
  return isInstalled || spawnSync('go', ['version']).status === 0
    ? undefined
    : "no Go to install upstream's kubeseal and controller with";
}
