import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import { keySecrets } from '../support/cluster/key-secret.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import type { Controller } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { useChart } from './chart.ts';
import { certificatePath, publish, type Replicas } from './endpoints.ts';
import { startPod } from './pod.ts';

const LEASE_MS = 3_000;
const VALUES = { extraArgs: [`--leader-elect-lease-duration=${LEASE_MS}ms`, '--key-size=2048'] };
/** How long a real cluster may go on sending requests to a Pod that is shutting down. */
const PROPAGATION_MS = 1_000;
const context = useChart();
const running = new Set<Controller>();
const clients = new Set<ApiClient>();

afterEach(async () => {
  await Promise.all([...running].map((replica) => replica.kill()));
  for (const client of clients) client.close();
  running.clear();
  clients.clear();
});

async function start(home: string, name: string): Promise<Controller> {
  const replica = await startPod(context.chart, { namespace: home, values: VALUES, name });
  running.add(replica);
  return replica;
}

/** A release in a new namespace, with the two replicas it says, neither of which finds a key. */
async function install(): Promise<{ home: string; a: Controller; b: Controller }> {
  const home = await context.chart.namespace();
  await context.chart.release(home, VALUES);
  const [a, b] = await Promise.all([start(home, 'pod-a'), start(home, 'pod-b')]);
  return { home, a, b };
}

/**
 * Asks again and again; `stop` tells how many answers there were, and what was answered beside the first one.
 */
function keepAsking(ask: () => Promise<string>): {
  stop(): Promise<{ count: number; others: readonly string[] }>;
} {
  let isAsking = true;
  const asking = (async () => {
    const answers: string[] = [];
    for (; isAsking; await sleep(10)) answers.push(await ask().catch((error: unknown) => String(error)));
    return answers;
  })();
  return {
    async stop() {
      isAsking = false;
      const answers = await asking;
      return { count: answers.length, others: [...new Set(answers)].slice(1) };
    },
  };
}

async function certificateOf({ url }: Controller): Promise<string> {
  const answer = await fetch(`${url}/v1/cert.pem`);
  return `${answer.status} ${await answer.text()}`;
}

/** Asks as somebody who has no rights but those of everybody. */
async function certificateByProxy(home: string): Promise<() => Promise<string>> {
  const developer = { namespace: await context.chart.namespace(), name: 'developer' };
  const client = await apiClient(await context.chart.world.cluster.kubeconfigFor(developer));
  clients.add(client);
  return async () => {
    const { code, text } = await client.request('GET', certificatePath(home));
    return `${code} ${text}`;
  };
}

async function isLeader({ metricsUrl }: Controller): Promise<boolean> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  return /^sealed_secrets_controller_leader 1$/m.test(text);
}

/** Seals for the certificate that users get, and waits for the Secret. */
async function expectUnseal(certificate: string, namespace: string, name: string): Promise<void> {
  const { client } = context.chart;
  const pem = certificate.replace(/^200 /, '');
  const sealed = await sealTexts(pem, { namespace, name }, { password: 's3cret' });
  await client.create(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`, sealed);
  const secret = await eventually(`Secret ${namespace}/${name}`, async () => {
    const answer = await client.request('GET', `/api/v1/namespaces/${namespace}/secrets/${name}`);
    return answer.code === 200 ? answer.body : undefined;
  });
  expect(secret['data']).toEqual({ password: btoa('s3cret') });
}

/** Every Secret of a namespace, with what changes when anybody writes it. */
async function secretsOf(namespace: string): Promise<Record<string, unknown>> {
  const { items } = await context.chart.client.list(`/api/v1/namespaces/${namespace}/secrets`);
  return Object.fromEntries(
    items.map(({ metadata: { name, uid, resourceVersion } }) => [name, { uid, resourceVersion }]),
  );
}

describe('two replicas with the command line and the rights of the chart', () => {
  it('share one key; the other takes over from a leader that is killed, serves on, and rewrites no Secret', async () => {
    const { home, a, b } = await install();
    const work = await context.chart.namespace();
    const certificate = await certificateOf(a);
    expect(await certificateOf(b)).toBe(certificate);
    await expectUnseal(certificate, work, 'before');
    const before = { keys: await secretsOf(home), secrets: await secretsOf(work) };
    expect(await keySecrets(context.chart.client, home)).toHaveLength(1);

    const [leader, other] = (await isLeader(a)) ? [a, b] : [b, a];
    expect(await isLeader(other)).toBe(false);
    const asking = keepAsking(() => certificateOf(other));
    await leader.kill();
    running.delete(leader);
    await eventually('the other replica leading', async () => ((await isLeader(other)) ? true : undefined));
    await expectUnseal(certificate, work, 'after');

    const { count, others } = await asking.stop();
    expect(count).toBeGreaterThan(10);
    expect(others).toEqual([]);
    expect(await certificateOf(other)).toBe(certificate);
    expect(await secretsOf(home)).toEqual(before.keys);
    expect(await secretsOf(work)).toMatchObject(before.secrets);
    expect(await other.logs()).not.toMatch(/forbidden|without election/);
  });

  it('are replaced one after the other without a failed request for the certificate', async () => {
    const { home, a, b } = await install();
    const work = await context.chart.namespace();
    const to = (replicas: Replicas) => publish(context.chart, home, replicas);
    await to({ 'pod-a': a, 'pod-b': b });
    const ask = await certificateByProxy(home);
    const certificate = await ask();
    expect(certificate).toBe(await certificateOf(a));
    const asking = keepAsking(ask);

    const c = await start(home, 'pod-c');
    await to({ 'pod-a': a, 'pod-b': b, 'pod-c': c });
    const stopped = [a.stop()];
    await sleep(PROPAGATION_MS);
    await to({ 'pod-b': b, 'pod-c': c });
    const d = await start(home, 'pod-d');
    await to({ 'pod-b': b, 'pod-c': c, 'pod-d': d });
    stopped.push(b.stop());
    await sleep(PROPAGATION_MS);
    await to({ 'pod-c': c, 'pod-d': d });
    await expectUnseal(certificate, work, 'between');
    expect(await Promise.all(stopped)).toEqual([0, 0]);

    const { count, others } = await asking.stop();
    expect(count).toBeGreaterThan(50);
    expect(others).toEqual([]);
    expect(await ask()).toBe(certificate);
    expect(await keySecrets(context.chart.client, home)).toHaveLength(1);
  });
});
