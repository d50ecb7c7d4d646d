import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeKubeconfig } from '../support/api/kubeconfig.ts';
import type { TestCluster } from '../support/api/types.ts';
import type { ServerBinaries } from './build.ts';
import { connectCluster, findPodAddress } from './connected-cluster.ts';
import { ServerProcess } from './server-process.ts';

/** A kube-apiserver and an etcd that belong to one test, which may stop and start either. */
export interface OwnKubeApiserver extends TestCluster {
  readonly etcd: ServerProcess;
  readonly apiserver: ServerProcess;
  /**
   * Kills kube-apiserver, starts it again on the same port with the same data, and waits until it is ready.
   */
  restart(): Promise<void>;
}

/** Starts etcd and kube-apiserver on free loopback ports and waits until /readyz says ok. */
export async function startOwnServer(
  binaries: ServerBinaries,
  extraArgs: readonly string[] = [],
): Promise<OwnKubeApiserver> {
  const directory = await mkdtemp(join(tmpdir(), 'fuin-apiserver-'));
  const [clientPort = 0, peerPort = 0, securePort = 0] = await freePorts(3);
  const token = randomBytes(24).toString('base64url');
  await writeCredentials(directory, token);
  const etcd = etcdProcess(binaries.etcd, directory, { clientPort, peerPort });
  const args = [`--etcd-servers=http://127.0.0.1:${clientPort}`, ...extraArgs];
  const apiserver = apiserverProcess(binaries.kubeApiserver, directory, { securePort, args });
  const stop = async () => {
    await Promise.all([apiserver.stop(), etcd.stop()]);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await etcd.start();
    await apiserver.start();
    const cluster = await connectAsAdmin(directory, { server: `https://127.0.0.1:${securePort}`, token });
    const restart = () => apiserver.restart();
    return { ...cluster, etcd, apiserver, restart, stop: () => cluster.stop().then(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server made its certificate on its first start, so the kubeconfig comes after it. */
async function connectAsAdmin(
  directory: string,
  admin: { server: string; token: string },
): Promise<TestCluster> {
  const adminKubeconfig = join(directory, 'admin.kubeconfig');
  const ca = await readFile(join(directory, 'apiserver.crt'), 'utf8');
  await writeKubeconfig(adminKubeconfig, { ...admin, ca });
  return connectCluster({ adminKubeconfig, podAddress: findPodAddress() });
}

function etcdProcess(
  binary: string,
  directory: string,
  { clientPort, peerPort }: { clientPort: number; peerPort: number },
): ServerProcess {
  const clientUrl = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const command = [
    binary,
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
  return new ServerProcess({
    command,
    logFile: join(directory, 'etcd.log'),
    healthUrl: `${clientUrl}/health`,
  });
}

function apiserverProcess(
  binary: string,
  directory: string,
  { securePort, args }: { securePort: number; args: readonly string[] },
): ServerProcess {
  const file = (name: string) => join(directory, name);
  const command = [
    binary,
    '--bind-address=127.0.0.1',
    `--secure-port=${securePort}`,
    // else it looks for a default route, which a network namespace lacks
    `--advertise-address=${findPodAddress()}`,
    `--cert-dir=${directory}`, // where it writes the self-signed apiserver.crt that kubeconfigs trust
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.pub')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // no controller makes the default ServiceAccount it asks for
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    ...args,
  ];
  return new ServerProcess({
    command,
    logFile: file('kube-apiserver.log'),
    healthUrl: `https://127.0.0.1:${securePort}/readyz`,
  });
}

async function writeCredentials(directory: string, token: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const write = (name: string, text: string) => writeFile(join(directory, name), text, { mode: 0o600 });
  await write('service-account.key', privateKey);
  await write('service-account.pub', publicKey);
  await write('tokens.csv', `${token},admin,admin,"system:masters"\n`);
}

/** Asks the kernel for ports and gives them back: all at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  return Promise.all(servers.map(closeAndTellPort));
}

function listenAnywhere(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function closeAndTellPort(server: ReturnType<typeof createServer>): Promise<number> {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return new Promise((resolve) => server.close(() => resolve(port)));
}
