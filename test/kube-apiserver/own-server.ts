import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiConnection, writeKubeconfig } from '../support/api/kubeconfig.ts';
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
  /** Where its certificate (apiserver.crt) and the key that signs tokens (service-account.key) are. */
  readonly directory: string;
  /** Writes a kubeconfig that authenticates as one of the options' users. */
  kubeconfigOf(user: string): Promise<string>;
}

/** What differs from a server that nobody but tests talks to. */
export interface OwnServerOptions {
  readonly extraArgs?: readonly string[];
  /** Where it listens; a free port of loopback by default. */
  readonly listen?: { readonly address: string; readonly port: number };
  /** Users beside the admin, each with its group, which may be empty. */
  readonly users?: Readonly<Record<string, string>>;
  /** Whether a controller manager makes the default ServiceAccounts. */
  readonly hasControllers?: boolean;
}

/** No controller makes the default ServiceAccount that this plugin asks for. */
const WITHOUT_CONTROLLERS = ['--disable-admission-plugins=ServiceAccount'];
const ADMIN = { admin: 'system:masters' };

/** Starts etcd and kube-apiserver on free loopback ports and waits until /readyz says ok. */
export async function startOwnServer(
  binaries: ServerBinaries,
  options: OwnServerOptions = {},
): Promise<OwnKubeApiserver> {
  const directory = await mkdtemp(join(tmpdir(), 'fuin-apiserver-'));
  const [clientPort = 0, peerPort = 0, freePort = 0] = await freePorts(3);
  const { listen = { address: '127.0.0.1', port: freePort }, users = {}, extraArgs = [] } = options;
  const tokens = await writeCredentials(directory, { ...ADMIN, ...users });
  const etcd = etcdProcess(binaries.etcd, directory, { clientPort, peerPort });
  const alone = options.hasControllers === true ? [] : WITHOUT_CONTROLLERS;
  const args = [`--etcd-servers=http://127.0.0.1:${clientPort}`, ...alone, ...extraArgs];
  const apiserver = apiserverProcess(binaries.kubeApiserver, directory, { listen, args });
  const stop = async () => {
    await Promise.all([apiserver.stop(), etcd.stop()]);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await etcd.start();
    await apiserver.start();
    const server = `https://${listen.address}:${listen.port}`;
    const kubeconfigOf = (user: string) =>
      writeKubeconfigOf(directory, user, { server, token: tokens[user] });
    const adminKubeconfig = await kubeconfigOf('admin');
    const cluster = await connectCluster({ adminKubeconfig, podAddress: findPodAddress() });
    const processes = { etcd, apiserver, restart: () => apiserver.restart() };
    return { ...cluster, ...processes, directory, kubeconfigOf, stop: () => cluster.stop().then(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server made its certificate on its first start, so kubeconfigs come after it. */
async function writeKubeconfigOf(
  directory: string,
  user: string,
  connection: Pick<ApiConnection, 'server' | 'token'>,
): Promise<string> {
  const path = join(directory, `${user.replaceAll(':', '.')}.kubeconfig`);
  const ca = await readFile(join(directory, 'apiserver.crt'), 'utf8');
  await writeKubeconfig(path, { ...connection, ca });
  return path;
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
  { listen, args }: { listen: { address: string; port: number }; args: readonly string[] },
): ServerProcess {
  const file = (name: string) => join(directory, name);
  const command = [
    binary,
    `--bind-address=${listen.address}`,
    `--secure-port=${listen.port}`,
    // else it looks for a default route, which a network namespace lacks
    `--advertise-address=${findPodAddress()}`,
    `--cert-dir=${directory}`, // where it writes the self-signed apiserver.crt that kubeconfigs trust
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('service-account.pub')}`,
    `--service-account-signing-key-file=${file('service-account.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    ...args,
  ];
  return new ServerProcess({
    command,
    logFile: file('kube-apiserver.log'),
    healthUrl: `https://${listen.address}:${listen.port}/readyz`,
  });
}

/** Gives the token of each user. */
async function writeCredentials(
  directory: string,
  users: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const write = (name: string, text: string) => writeFile(join(directory, name), text, { mode: 0o600 });
  await write('service-account.key', privateKey);
  await write('service-account.pub', publicKey);
  const tokens = Object.fromEntries(
    Object.keys(users).map((user) => [user, randomBytes(24).toString('base64url')]),
  );
  const lines = Object.entries(users).map(
    ([user, group]) => `${tokens[user]},${user},${user}${group && `,"${group}"`}\n`,
  );
  await write('tokens.csv', lines.join(''));
  return tokens;
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
