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

const run = promisify(execFile);
const moduleDirectory = import.meta.dirname;
const binDirectory = join(moduleDirectory, '.cache', 'bin');
const stampFile = join(binDirectory, 'stamp');
const inputs = ['go.mod', 'go.sum', 'cmd/etcd/main.go', 'cmd/kube-apiserver/main.go', 'build.ts'];

/**
 * Builds etcd and kube-apiserver into .cache/bin. That takes minutes with a cold Go cache, and nothing when
 * source and Go are unchanged.
 */
export async function buildServers(): Promise<ServerBinaries> {
  const stamp = await stampOfInputs();
  if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) {
    await mkdir(binDirectory, { recursive: true });
    await goBuild();
    await writeFile(stampFile, stamp);
  }
  return binariesIn(binDirectory);
}

/** Names the binaries inside a directory laid out as KUBEBUILDER_ASSETS is. */
export function binariesIn(directory: string): ServerBinaries {
  return { etcd: join(directory, 'etcd'), kubeApiserver: join(directory, 'kube-apiserver') };
}

async function stampOfInputs(): Promise<string> {
  const { stdout: goVersion } = await run('go', ['version']);
  const contents = await Promise.all(inputs.map((input) => readFile(join(moduleDirectory, input))));
  return contents
    .reduce((hash, content) => hash.update(content), createHash('sha256').update(goVersion))
    .digest('hex');
}

async function goBuild(): Promise<void> {
  const ldflags = `-s -w ${await versionFlags()}`;
  await run(
    'go',
    ['build', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', binDirectory, './cmd/...'],
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
