import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuarded } from '../kube-apiserver/guarded-process.ts';
import { readKubeconfig } from '../kube-apiserver/kubeconfig.ts';
import type { ObjectKey, TestCluster } from './cluster.ts';
import { installPeer } from './peer-install.ts';

const READY_TIMEOUT_MS = 60_000;

/** A running controller of upstream's. */
export interface UpstreamController {
  /** Base URL of its HTTP server, without a trailing slash. */
  readonly url: string;
  logs(): Promise<string>;
  stop(): Promise<void>;
}

/** Where upstream's controller runs and as whom. */
export interface UpstreamControllerOptions {
  readonly cluster: TestCluster;
  /** Whom it authenticates as; its namespace is the controller's. */
  readonly serviceAccount: ObjectKey;
  /** Ports at cluster.podAddress. */
  readonly port: number;
  readonly metricsPort: number;
  readonly args?: readonly string[];
  /** A build of it other than the installed one. */
  readonly program?: string;
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
  const controller = options.program ?? (await installPeer()).controller;
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
