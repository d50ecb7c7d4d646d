import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { readKubeconfig } from '../api/kubeconfig.ts';
import type { TestCluster } from '../api/types.ts';
import { installPeer } from '../tools/peer-install.ts';
import type { Controller } from './controller-process.ts';
import { startLogged, untilSeen } from './logged-process.ts';

/** How upstream's controller is started. */
export interface UpstreamControllerOptions {
  readonly cluster: TestCluster;
  /** The controller's own namespace. */
  readonly namespace: string;
  /** Path of a kubeconfig with the token of its service account. */
  readonly kubeconfig: string;
  readonly args?: readonly string[];
  /** A build of it other than the installed one. */
  readonly program?: string;
}

/**
 * Upstream's controller knows in-cluster configuration only. A mount namespace of its own holds the files it
 * reads; the tmpfs covers /run (where /var/run points) for this process alone and nothing is written to the
 * machine's own.
 */
const IN_CLUSTER = `set -e
mount -t tmpfs tmpfs /var/run
mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
cp "$1"/* /var/run/secrets/kubernetes.io/serviceaccount/
shift
exec "$@"`;

/** Starts upstream's controller at free ports of cluster.podAddress, and waits until its /healthz answers. */
export async function startUpstreamController(options: UpstreamControllerOptions): Promise<Controller> {
  const { cluster, namespace, args = [] } = options;
  const controller = options.program ?? (await installPeer()).controller;
  const { server, ca = '', token = '' } = await readKubeconfig(options.kubeconfig);
  const { hostname, port } = new URL(server);
  const [http, metrics] = await freeAddresses(cluster.podAddress);
  const listen = [`--listen-addr=${http}`, `--listen-metrics-addr=${metrics}`];
  const running = await startLogged({
    command: async (scratch) => {
      const files = join(scratch, 'serviceaccount');
      await writeFiles(files, { 'ca.crt': ca, namespace, token });
      return [...mountNamespace(), 'sh', '-c', IN_CLUSTER, 'sh', files, controller, ...listen, ...args];
    },
    env: {
      PATH: process.env['PATH'],
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port || '443',
    },
  });
  const [url, metricsUrl] = [`http://${http}`, `http://${metrics}`];
  const isHealthy = async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok || undefined;
  await untilSeen(running, "upstream's controller did not get ready", isHealthy);
  return { ...running, url, metricsUrl };
}

async function writeFiles(directory: string, contents: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  await Promise.all(
    Object.entries(contents).map(([name, text]) => writeFile(join(directory, name), text, { mode: 0o600 })),
  );
}

/**
 * It cannot report its ports, so they are chosen for it. Both are held before either is released, so they
 * differ.
 */
async function freeAddresses(host: string): Promise<readonly [string, string]> {
  const holders = [createServer(), createServer()] as const;
  const hold = (holder: (typeof holders)[number]) =>
    new Promise<string>((resolve, reject) => {
      holder.once('error', reject);
      holder.listen(0, host, () => resolve(`${host}:${(holder.address() as AddressInfo).port}`));
    });
  const addresses = await Promise.all([hold(holders[0]), hold(holders[1])]);
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))));
  return addresses;
}

function mountNamespace(): readonly string[] {
  return process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-r', '-m'];
}
