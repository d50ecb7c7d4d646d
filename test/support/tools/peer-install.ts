import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installGoProgram } from '../../../scripts/go-tool.ts';

/** The newest version that `go install` accepts under this path. */
export const PEER_VERSION = 'v0.27.1';

const binDirectory = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache', `peer-${PEER_VERSION}`);
const tools = { kubeseal: join(binDirectory, 'kubeseal'), controller: join(binDirectory, 'controller') };

/**
 * Builds upstream's kubeseal and controller into the cache, where missing. Needs Go and, the first time, its
 * module proxy.
 */
export async function installPeer(): Promise<typeof tools> {
  const sources = Object.keys(tools).map(
    (tool) => `github.com/bitnami-labs/sealed-secrets/cmd/${tool}@${PEER_VERSION}`,
  );
  await Promise.all(sources.map((source) => installGoProgram(source, binDirectory)));
  return tools;
}

/** Tells why upstream's programs can not be had here; undefined when they can. */
export function peerProblem(): string | undefined {
  const isInstalled = Object.values(tools).every((tool) => existsSync(tool));
  return isInstalled || spawnSync('go', ['version']).status === 0
    ? undefined
    : "no Go to install upstream's kubeseal and controller with";
}
