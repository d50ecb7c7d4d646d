import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GO_BUILD_ENV } from '../../scripts/go-tool.ts';

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
const binDirectory = join(moduleDirectory, '.cache', 'bin');
const inputs = ['go.mod', 'go.sum', 'build.ts'];

/**
 * Builds etcd and kube-apiserver into .cache/bin. That takes minutes with a cold Go cache, and nothing when
 * source and Go are unchanged.
 */
export async function buildServers(): Promise<ServerBinaries> {
  await buildPrograms('stamp', ['etcd', 'kube-apiserver']);
  return binariesIn(binDirectory);
}

/** Builds what runs Pods, like buildServers(), of the same version. */
export async function buildNodePrograms(): Promise<NodeBinaries> {
  await buildPrograms('stamp-node', ['kube-controller-manager', 'kube-scheduler', 'kubelet']);
  const at = (name: string) => join(binDirectory, name);
  return {
    kubeControllerManager: at('kube-controller-manager'),
    kubeScheduler: at('kube-scheduler'),
    kubelet: at('kubelet'),
  };
}

/** Each program has its main.go below cmd; `stampName` is a file that tells what they were built from. */
async function buildPrograms(stampName: string, programs: readonly string[]): Promise<void> {
  const stampFile = join(binDirectory, stampName);
  const stamp = await stampOf([...inputs, ...programs.map((name) => `cmd/${name}/main.go`)]);
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return;
  await mkdir(binDirectory, { recursive: true });
  await goBuild(programs);
  await writeFile(stampFile, stamp);
}

/** Names the binaries inside a directory laid out as KUBEBUILDER_ASSETS is. */
export function binariesIn(directory: string): ServerBinaries {
  return { etcd: join(directory, 'etcd'), kubeApiserver: join(directory, 'kube-apiserver') };
}

async function stampOf(files: readonly string[]): Promise<string> {
  const { stdout: goVersion } = await run('go', ['version']);
  const contents = await Promise.all(files.map((file) => readFile(join(moduleDirectory, file))));
  return contents
    .reduce((hash, content) => hash.update(content), createHash('sha256').update(goVersion))
    .digest('hex');
}

async function goBuild(programs: readonly string[]): Promise<void> {
  const ldflags = `-s -w ${await versionFlags()}`;
  const packages = programs.map((name) => `./cmd/${name}`);
  await run(
    'go',
    ['build', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', binDirectory, ...packages],
    {
      cwd: moduleDirectory,
      env: { ...process.env, ...GO_BUILD_ENV },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
}

/** Without these, /version says v0.0.0-master and clients that compare versions misbehave. */
async function versionFlags(): Promise<string> {
  const goMod = await readFile(join(moduleDirectory, 'go.mod'), 'utf8');
  const [, gitVersion, major, minor] = /^\s*k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)$/m.exec(goMod) ?? [];
  const values = { gitVersion, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
}
