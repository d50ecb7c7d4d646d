import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFiles } from '../../../scripts/files.ts';
import { startGuarded } from '../../kube-apiserver/guarded-process.ts';
import type { ApiClient } from '../api/api-client.ts';
import { eventually } from '../time/eventually.ts';
import { runTool } from '../tools/run-tool.ts';
import { cgroupName, makeCgroups, removeCgroups } from './cgroups.ts';
import { enclose } from './enclosure.ts';
import { nodePackages } from './node-tools.ts';
import { addressOf, type NodeIdentity, settingsOf } from './settings.ts';

/** A running node. */
export interface RunningNode {
  readonly name: string;
  /** Ends everything that runs on it, as a power cut would, and removes its files and cgroups. */
  stop(): Promise<void>;
}

/** What a node is made of, beside what is installed. */
export interface NodeParts {
  readonly kubelet: string;
  /** Of the user `system:node:NAME`. */
  readonly kubeconfig: string;
  /** Archives of OCI image layouts. */
  readonly images: readonly string[];
}

const DIRECTORIES = ['lib', 'log'];
const LOG_TAIL = 6_000;

/** Starts containerd with the images on it, and a kubelet; waits until Pods can be placed on the node. */
export async function startNode(
  client: ApiClient,
  identity: NodeIdentity,
  parts: NodeParts,
): Promise<RunningNode> {
  const directory = await mkdtemp(join(tmpdir(), 'fuin-node-'));
  await writeFiles(directory, Object.entries(settingsOf(identity, directory)));
  for (const name of DIRECTORIES) await mkdir(join(directory, name));
  const cgroups = await makeCgroups(cgroupName(identity.index));
  const kubelet = kubeletCommand(identity, parts, directory);
  const { command, env } = enclose({ directory, cgroups, kubelet });
  const running = startGuarded(command, { env, logFile: join(directory, 'node.log') });
  const stop = async () => {
    await running.stop();
    await removeCgroups(cgroups); // waits for the last process
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const look = <T>(what: string, see: () => Promise<T | undefined>) =>
      eventually(what, async () => {
        if (!running.isRunning()) throw new Error(`${identity.name} ended: ${await logsOf(directory)}`);
        return see();
      });
    await look('containerd', async () => (await ctr(directory, 'version')).code === 0 || undefined);
    for (const image of parts.images) await importImage(directory, image);
    await look(`${identity.name} to be ready`, () => readReady(client, identity.name));
    return { name: identity.name, stop };
  } catch (error) {
    const logs = await logsOf(directory);
    await stop();
    throw new Error(`${String(error)}\n${logs}`, { cause: error });
  }
}

function kubeletCommand(node: NodeIdentity, { kubelet, kubeconfig }: NodeParts, directory: string): string[] {
  return [
    kubelet,
    `--config=${join(directory, 'kubelet.json')}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${addressOf(node)}`,
  ];
}

function ctr(directory: string, ...args: readonly string[]) {
  const env = { PATH: nodePackages().path.join(':') };
  return runTool(['ctr', '--address', join(directory, 'containerd.sock'), ...args], { env });
}

/** In the namespace of containerd in which the kubelet finds images. */
async function importImage(directory: string, archive: string): Promise<void> {
  const { code, stdout, stderr } = await ctr(directory, '--namespace', 'k8s.io', 'images', 'import', archive);
  if (code !== 0) throw new Error(`ctr images import ${archive}: ${stdout}${stderr}`);
}

async function readReady(client: ApiClient, name: string): Promise<true | undefined> {
  const { code, body } = await client.request('GET', `/api/v1/nodes/${name}`);
  if (code !== 200) return undefined;
  const { conditions = [] } = body['status'] as { conditions?: { type: string; status: string }[] };
  const { taints = [] } = body['spec'] as { taints?: object[] };
  if (taints.length > 0) return undefined; // a controller takes it away once it sees that the node is ready
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True') || undefined;
}

async function logsOf(directory: string): Promise<string> {
  const names = ['node.log', 'containerd.log', 'kubelet.log'];
  const texts = names.map(async (name) => {
    const text = await readFile(join(directory, name), 'utf8').catch(() => '');
    return `--- ${name}\n${text.slice(-LOG_TAIL)}`;
  });
  return (await Promise.all(texts)).join('\n');
}
