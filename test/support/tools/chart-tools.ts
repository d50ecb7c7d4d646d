import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goTool } from '../../../scripts/go-tool.ts';

const run = promisify(execFile);

/** Go modules of which tests read files, as the module proxy serves them. */
const SOURCES = {
  /** Holds upstream's chart 2.19.0. */
  upstream: 'github.com/bitnami-labs/sealed-secrets@v0.38.4',
  /** Holds the definitions of ServiceMonitor and PrometheusRule. */
  prometheusOperator: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
} as const;

/**
 * Builds Helm into the cache and fetches what chart tests read, where it is missing. Needs Go and, the first
 * time, its module proxy.
 */
export async function installChartTools(): Promise<void> {
  await Promise.all([installHelm(), ...Object.values(SOURCES).map(download)]);
}

/** Path of Helm, built if need be. */
export function installHelm(): Promise<string> {
  return goTool('helm');
}

/** Directory of a module that installChartTools() fetched. */
export function sourceDirectory(name: keyof typeof SOURCES): string {
  return join(moduleCache(), SOURCES[name]);
}

async function download(module: string): Promise<void> {
  // the path is not the one upstream's go.mod declares, which only a build would mind
  if (!existsSync(join(moduleCache(), module))) await run('go', ['mod', 'download', module]);
}

function moduleCache(): string {
  return execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
}
