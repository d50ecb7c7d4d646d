import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startGuarded } from '../kube-apiserver/guarded-process.ts';
import { readKubeconfig } from '../kube-apiserver/kubeconfig.ts';
import type { ObjectKey, TestCluster } from './cluster.ts';

/** The newest version that `go install` accepts: later ones renamed their module but not its path. */
export const PEER_VERSION = 'v0.27.1';

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface UpstreamController {
  /** Base URL of its HTTP server, without a trailing slash. */
  readonly url: string;
  logs(): Promise<string>;
  stop(): Promise<void>;
}

const binDirectory = join(import.meta.dirname, '..', 'kube-apiserver', '.cache', `peer-${PEER_VERSION}`);
const tools = { kubeseal: join(binDirectory, 'kubeseal'), controller: join(binDirectory, 'controller') };
const TOOL_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_MS = 60_000;

/** Builds upstream's kubeseal and controller into the cache unless they are there. Needs Go and, the first time, its module proxy. */
export async function installPeer(): Promise<typeof tools> {
  if (!Object.values(tools).every((tool) => existsSync(tool))) {
    const packages = Object.keys(tools).map(
      (tool) => `github.com/bitnami-labs/sealed-secrets/cmd/${tool}@${PEER_VERSION}`,
    );
    const env = { ...process.env, GOBIN: binDirectory, CGO_ENABLED: '0' };
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

/** Runs upstream's kubeseal with nothing from our environment but PATH and HOME. */
export async function upstreamKubeseal(
  args: readonly string[],
  {
    stdin = '',
    env = {},
    cwd,
  }: { readonly stdin?: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<ToolResult> {
  const { kubeseal } = await installPeer();
  const { PATH, HOME } = process.env;
  const child = spawn(kubeseal, args, {
    cwd,
    env: { PATH, HOME, ...env },
    timeout: TOOL_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined); // it may end without reading its input
  child.stdin.end(stdin);
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number>((resolve, reject) =>
      child.once('error', reject).once('close', (status) => resolve(status ?? -1)),
    ),
  ]);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

export interface UpstreamControllerOptions {
  readonly cluster: TestCluster;
  /** Whom it authenticates as; its namespace is the controller's. */
  readonly serviceAccount: ObjectKey;
  /** Ports at cluster.podAddress. */
  readonly port: number;
  readonly metricsPort: number;
  readonly args?: readonly string[];
}

/**
 * Upstream's controller knows in-cluster configuration only. A mount namespace of its own holds the files it reads; the tmpfs covers
 * /run (where /var/run points) for this process alone and nothing is written to the machine's own.
 */
const IN_CLUSTER = `set -e
mount -t tmpfs tmpfs /var/run
mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
cp "$1"/* /var/run/secrets/kubernetes.io/serviceaccount/
shift
exec "$@"`;

/** Starts upstream's controller as a service account and waits until its /healthz answers. */
export async function startUpstreamController(
  options: UpstreamControllerOptions,
): Promise<UpstreamController> {
  const { cluster, port, metricsPort, args = [] } = options;
  const { controller } = await installPeer();
  const scratch = await mkdtemp(join(tmpdir(), 'fuin-peer-'));
  const files = join(scratch, 'serviceaccount');
  const env = await writeInClusterConfig(files, options);
  const logFile = join(scratch, 'log');
  const listen = [
    `--listen-addr=${cluster.podAddress}:${port}`,
    `--listen-metrics-addr=${cluster.podAddress}:${metricsPort}`,
  ];
  const command = [...mountNamespace(), 'sh', '-c', IN_CLUSTER, 'sh', files, controller, ...listen, ...args];
  const child = startGuarded(command, { logFile, env });
  const url = `http://${cluster.podAddress}:${port}`;
  const logs = () => readFile(logFile, 'utf8');
  const stop = async () => {
    await child.stop();
    await rm(scratch, { recursive: true, force: true });
  };
  if (await becomesHealthy(url, child.isRunning)) return { url, logs, stop };
  const text = await logs();
  await stop();
  throw new Error(`upstream's controller did not get ready: ${text}`);
}

async function writeInClusterConfig(
  directory: string,
  { cluster, serviceAccount }: UpstreamControllerOptions,
): Promise<NodeJS.ProcessEnv> {
  const { server, ca = '', token = '' } = await readKubeconfig(await cluster.kubeconfigFor(serviceAccount));
  await mkdir(directory, { mode: 0o700 });
  const contents = { 'ca.crt': ca, namespace: serviceAccount.namespace, token };
  await Promise.all(
    Object.entries(contents).map(([name, text]) => writeFile(join(directory, name), text, { mode: 0o600 })),
  );
  const { hostname, port } = new URL(server);
  return {
    PATH: process.env['PATH'],
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port || '443',
  };
}

function mountNamespace(): readonly string[] {
  return process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-r', '-m'];
}

async function becomesHealthy(url: string, isRunning: () => boolean): Promise<boolean> {
  for (
    const deadline = Date.now() + READY_TIMEOUT_MS;
    isRunning() && Date.now() < deadline;
    await sleep(50)
  ) {
    const isHealthy = await fetch(`${url}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isHealthy) return true;
  }
  return false;
}
