import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { applyObject } from '../../test/support/api/apply.ts';
import type { ApiObject } from '../../test/support/api/types.ts';
import type { DemoCluster } from './clusters.ts';
import type { Narrator } from './narrator.ts';

const KUBESEAL = new URL('../../packages/kubeseal-cli/bin/kubeseal.ts', import.meta.url).pathname;
const SECRET = new URL('secret.yaml', import.meta.url);
const TIMEOUT_MS = 15_000;

/** Seal, commit, apply, unseal; then two copies that must not open. */
export async function runJourney(cluster: DemoCluster, narrator: Narrator): Promise<void> {
  const manifest = await readFile(SECRET, 'utf8');
  const secret = parse(manifest) as ApiObject & { stringData: Record<string, string> };
  const name = secret.metadata.name ?? '';
  const input = JSON.stringify({ ...secret, metadata: { ...secret.metadata, namespace: cluster.namespace } });

  const yaml = await narrator.step('kubeseal --format yaml < secret.yaml > sealed.yaml', async () => {
    const output = await kubeseal(cluster, input);
    narrator.say('This is what you commit:', '', output);
    return output;
  });
  const sealed = parse(yaml) as ApiObject & { spec: { encryptedData: Record<string, string> } };

  await narrator.step('kubectl apply -f sealed.yaml, and wait for the Secret', async () => {
    await applyObject(cluster.client, sealed);
    const opened = await waitFor(() => readData(cluster, name));
    narrator.say(
      ...Object.entries(opened).map(([item, value]) => `${item}: ${Buffer.from(value, 'base64')}`),
    );
    expectSame(opened, secret.stringData);
  });

  await narrator.step('Somebody applies a copy under another name', async () => {
    await applyObject(cluster.client, { ...sealed, metadata: { ...sealed.metadata, name: 'stolen' } });
    narrator.say(`SealedSecret stolen: ${await waitFor(() => readRefusal(cluster, 'stolen'))}`);
    if (await readData(cluster, 'stolen')) throw new Error('the stolen copy was opened');
  });

  await narrator.step('Somebody changes one character of the sealed password', async () => {
    const password = sealed.spec.encryptedData['password'] ?? '';
    const middle = Math.floor(password.length / 2);
    const other = password[middle] === 'A' ? 'B' : 'A';
    const changed = password.slice(0, middle) + other + password.slice(middle + 1);
    const spec = { ...sealed.spec, encryptedData: { ...sealed.spec.encryptedData, password: changed } };
    await applyObject(cluster.client, { ...sealed, spec });
    narrator.say(`SealedSecret ${name}: ${await waitFor(() => readRefusal(cluster, name))}`);
    expectSame((await readData(cluster, name)) ?? {}, secret.stringData);
    narrator.say(`Secret ${name}: unchanged`);
  });
}

/** Runs the real CLI as a process; secrets go through stdin, never argv. */
async function kubeseal(cluster: DemoCluster, input: string): Promise<string> {
  const child = spawn(process.execPath, [KUBESEAL, '--format', 'yaml', ...cluster.sealArgs], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
  });
  child.stdin.end(input);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const output = (await child.stdout.setEncoding('utf8').toArray()).join('');
  const code = await ended;
  if (code !== 0) throw new Error(`kubeseal ended with exit code ${code}`);
  return output;
}

async function readData(cluster: DemoCluster, name: string): Promise<Record<string, string> | undefined> {
  const answer = await cluster.client.request(
    'GET',
    `/api/v1/namespaces/${cluster.namespace}/secrets/${name}`,
  );
  return answer.code === 200 ? (answer.body['data'] as Record<string, string>) : undefined;
}

/** The message of a Synced condition that is False. */
async function readRefusal(cluster: DemoCluster, name: string): Promise<string | undefined> {
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${cluster.namespace}/sealedsecrets/${name}`;
  const { status } = (await cluster.client.get(path)) as {
    status?: { conditions?: Record<string, string>[] };
  };
  const synced = status?.conditions?.find(({ type }) => type === 'Synced');
  return synced?.['status'] === 'False' ? synced['message'] : undefined;
}

async function waitFor<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(20)) {
    const found = await read();
    if (found !== undefined) return found;
  }
  throw new Error(`nothing happened within ${TIMEOUT_MS / 1000} seconds; the controller's log may say why`);
}

function expectSame(data: Record<string, string>, expected: Record<string, string>): void {
  const opened = Object.entries(data).map(([item, value]) => [item, Buffer.from(value, 'base64').toString()]);
  if (JSON.stringify(opened.sort()) !== JSON.stringify(Object.entries(expected).sort())) {
    throw new Error('the Secret is not what was sealed');
  }
}
