import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GO_BUILD_ENV } from '../../scripts/go-tool.ts';
import { chosenKubernetes, type Kubernetes, NEWEST_KUBERNETES } from './kubernetes.ts';

/** Paths of the two programs that make a Kubernetes API. */
export interface ServerBinaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
}

/** Paths of the programs that run Pods, beside an API server. */
export interface NodeBinaries {
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kubelet: string;
}

const run = promisify(execFile);
const moduleDirectory = import.meta.dirname;

/**
 * Builds etcd and kube-apiserver of the chosen version below .cache. That takes minutes with a cold Go cache,
 * and nothing when source and Go are unchanged.
 */
export async function buildServers(): Promise<ServerBinaries> {
  const kubernetes = chosenKubernetes();
  await buildPrograms(kubernetes, 'stamp', ['etcd', 'kube-apiserver']);
  return binariesIn(binDirectory(kubernetes));
}

/** Builds what runs Pods, like buildServers(), of the newest version. */
export async function buildNodePrograms(): Promise<NodeBinaries> {
  await buildPrograms(NEWEST_KUBERNETES, 'stamp-node', [
    'kube-controller-manager',
    'kube-scheduler',
    'kubelet',
  ]);
  const at = (name: string) => join(binDirectory(NEWEST_KUBERNETES), name);
  return {
    kubeControllerManager: at('kube-controller-manager'),
    kubeScheduler: at('kube-scheduler'),
    kubelet: at('kubelet'),
  };
}

/** Names the binaries inside a directory laid out as KUBEBUILDER_ASSETS is. */
export function binariesIn(directory: string): ServerBinaries {
  return { etcd: join(directory, 'etcd'), kubeApiserver: join(directory, 'kube-apiserver') };
}

function binDirectory(kubernetes: Kubernetes): string {
  const name = kubernetes === NEWEST_KUBERNETES ? 'bin' : `bin-${kubernetes.minor}`;
  return join(moduleDirectory, '.cache', name);
}

/** Each program has its main.go below cmd; `stampName` is a file that tells what they were built from. */
async function buildPrograms(
  kubernetes: Kubernetes,
  stampName: string,
  programs: readonly string[],
): Promise<void> {
  const directory = binDirectory(kubernetes);
  const stampFile = join(directory, stampName);
  const stamp = await stampOf(kubernetes, programs);
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return;
  await mkdir(directory, { recursive: true });
  await goBuild(kubernetes, programs);
  await writeFile(stampFile, stamp);
}

async function stampOf({ moduleFile }: Kubernetes, programs: readonly string[]): Promise<string> {
  const { stdout: goVersion } = await run('go', ['version']);
  const mains = programs.map((name) => `cmd/${name}/main.go`);
  const files = [moduleFile, moduleFile.replace(/mod$/, 'sum'), 'build.ts', ...mains];
  const contents = await Promise.all(files.map((file) => readFile(join(moduleDirectory, file))));
  return contents
    .reduce((hash, content) => hash.update(content), createHash('sha256').update(goVersion))
    .digest('hex');
}

async function goBuild(kubernetes: Kubernetes, programs: readonly string[]): Promise<void> {
  const flags = [`-modfile=${kubernetes.moduleFile}`, '-trimpath', '-buildvcs=false'];
  const ldflags = `-ldflags=-s -w ${versionFlags(kubernetes)}`;
  const packages = programs.map((name) => `./cmd/${name}`);
  await run('go', ['build', ...flags, ldflags, '-o', binDirectory(kubernetes), ...packages], {
    cwd: moduleDirectory,
    env: { ...process.env, ...GO_BUILD_ENV },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Without these, /version says v0.0.0-master and clients that compare versions misbehave. */
function versionFlags({ version, minor }: Kubernetes): string {
  const [gitMajor, gitMinor] = minor.split('.');
  const values = { gitVersion: version, gitMajor, gitMinor, gitTreeState: 'clean' };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
}
