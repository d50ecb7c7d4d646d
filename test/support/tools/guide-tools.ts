import { execFile, execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildGoProgram, installGoProgram, programOf } from '../../../scripts/go-tool.ts';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../..', 'kube-apiserver', '.cache');
/** Programs of others that judge what we ship and show. */
const TOOLS = {
  age: 'filippo.io/age/cmd/age@v1.3.2',
  'age-keygen': 'filippo.io/age/cmd/age-keygen@v1.3.2',
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  /** The last version of the older form of post-renderers; test/support/tools/helm.ts has the newer Helm. */
  helm3: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
  /** The newest that Go 1.26 builds. */
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.2',
  krew: 'sigs.k8s.io/krew/cmd/krew@v0.4.3',
  'validate-krew-manifest': 'sigs.k8s.io/krew/cmd/validate-krew-manifest@v0.4.3',
} as const;
/** Go modules of which tests read files: definitions of GitOps objects, and how Argo CD judges ours. */
const SOURCES = {
  argoCd: 'github.com/argoproj/argo-cd/v3@v3.5.7',
  fluxKustomize: 'github.com/fluxcd/kustomize-controller@v1.9.0',
  /** The one that the Kustomize above is made of. */
  kustomizeApi: 'sigs.k8s.io/kustomize/api@v0.21.2',
  fluxSource: 'github.com/fluxcd/source-controller@v1.9.4',
} as const;
const HEALTH_MODULE = join(import.meta.dirname, '../..', 'guides', 'health');
const health = join(CACHE, 'health', 'health');

/** Builds and fetches what tests of guides and chart run. Needs Go and, the first time, its module proxy. */
export async function installGuideTools(): Promise<void> {
  const names = Object.keys(TOOLS) as (keyof typeof TOOLS)[];
  await Promise.all([
    ...names.map((name) => installGoProgram(TOOLS[name], dirname(guideTool(name)))),
    run('go', ['mod', 'download', ...Object.values(SOURCES)]),
  ]);
  await buildGoProgram(HEALTH_MODULE, health);
}

/** Path of an installed program. */
export function guideTool(name: keyof typeof TOOLS): string {
  return join(CACHE, name, TOOLS[name].split('@')[1] ?? '', programOf(TOOLS[name]));
}

/** Path of test/guides/health, built. */
export function healthProgram(): string {
  return health;
}

/** Path of a file of a module that installGuideTools() fetched. */
export function sourceFile(name: keyof typeof SOURCES, path: string): string {
  const cache = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
  return join(cache, SOURCES[name], path);
}
