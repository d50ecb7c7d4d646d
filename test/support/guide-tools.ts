import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GO_BUILD_ENV } from '../kube-apiserver/build.ts';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '..', 'kube-apiserver', '.cache');
/** Programs of others that judge what we ship and show. */
const TOOLS = {
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
  krew: 'sigs.k8s.io/krew/cmd/krew@v0.4.3',
  'validate-krew-manifest': 'sigs.k8s.io/krew/cmd/validate-krew-manifest@v0.4.3',
} as const;
/** Of Argo CD only a script is read. */
const ARGO_CD = 'github.com/argoproj/argo-cd/v3@v3.5.7';
const HEALTH_MODULE = join(import.meta.dirname, '..', 'guides', 'health');
const health = join(CACHE, 'health', 'health');

/** Builds into the cache and fetches what tests of guides and chart run. Needs Go and, the first time, its module proxy. */
export async function installGuideTools(): Promise<void> {
  const names = Object.keys(TOOLS) as (keyof typeof TOOLS)[];
  await Promise.all([...names.map(install), run('go', ['mod', 'download', ARGO_CD])]);
  // Go itself knows whether anything is to be done
  await run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', health, '.'], {
    cwd: HEALTH_MODULE,
    env: { ...process.env, ...GO_BUILD_ENV },
  });
}

/** Path of an installed program. */
export function guideTool(name: keyof typeof TOOLS): string {
  return join(CACHE, name, TOOLS[name].split('@')[1] ?? '', name);
}

/** Path of test/guides/health, built. */
export function healthProgram(): string {
  return health;
}

/** Path of the script by which Argo CD judges SealedSecrets. */
export function argoHealthScript(): string {
  const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
  return join(cache, ARGO_CD, 'resource_customizations', 'bitnami.com', 'SealedSecret', 'health.lua');
}

async function install(name: keyof typeof TOOLS): Promise<void> {
  const path = guideTool(name);
  if (existsSync(path)) return;
  const env = { ...process.env, GOBIN: join(path, '..'), ...GO_BUILD_ENV };
  await run('go', ['install', '-ldflags=-s -w', TOOLS[name]], { env });
}
