import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import type { Controller } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { at, type Values } from '../support/tools/helm.ts';
import { useChart } from './chart.ts';
import { startPod } from './pod.ts';

const context = useChart();
let controller: Controller | undefined;
afterEach(async () => {
  await controller?.kill();
  controller = undefined;
});

interface Case {
  readonly values: Values;
  /** Whether it works in namespaces that nobody named. */
  readonly isEverywhere: boolean;
  readonly status: 'True' | undefined;
}

/** Every combination that changes the rights. */
// biome-ignore format: one row per case
const CASES: readonly Case[] = [
  { values: {}, isEverywhere: true, status: 'True' },
  { values: { updateStatus: false }, isEverywhere: true, status: undefined },
  { values: { skipRecreate: true }, isEverywhere: true, status: 'True' },
  { values: { extraArgs: ['--leader-elect=false'] }, isEverywhere: true, status: 'True' },
  { values: { extraArgs: ['--old-gc-behavior'] }, isEverywhere: true, status: 'True' },
  { values: { rbac: { namespacedRoles: true } }, isEverywhere: false, status: 'True' },
  { values: { rbac: { namespacedRoles: true }, skipRecreate: true, updateStatus: false }, isEverywhere: false, status: undefined },
];

describe('the controller, with the command line and the rights of the chart', () => {
  it.each(CASES)('opens SealedSecrets with $values', async ({ values, isEverywhere, status }) => {
    const { chart } = context;
    const home = await chart.namespace();
    const elsewhere = await chart.namespace();
    await chart.release(home, values);
    const key = await testKey('a', 1);
    await storeKey(chart.client, home, { key, name: `sealed-secrets-key${randomBytes(3).toString('hex')}` });
    controller = await startPod(chart, {
      namespace: home,
      values,
      name: `pod-${home}`,
      env: { SEALED_SECRETS_SHUTDOWN_DELAY_DURATION: '0s' }, // nobody else asks it for anything
    });

    const statuses: (() => Promise<unknown>)[] = [];
    for (const namespace of isEverywhere ? [home, elsewhere] : [home]) {
      const sealed = await sealTexts(key.certificatePem, { namespace, name: 'db' }, { password: 'hunter2' });
      const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
      await chart.client.create(path, sealed);
      const secret = await eventually(`Secret ${namespace}/db`, async () => {
        const answer = await chart.client.request('GET', `/api/v1/namespaces/${namespace}/secrets/db`);
        return answer.code === 200 ? answer.body : undefined;
      });
      expect(at(secret, 'data.password')).toBe(btoa('hunter2'));
      await eventually('the event', async () => {
        const { items } = await chart.client.list(`/api/v1/namespaces/${namespace}/events`);
        return items.find(({ reason }) => reason === 'Unsealed');
      });
      const written = async () => at(await chart.client.get(`${path}/db`), 'status.conditions.0.status');
      if (status) await eventually('the status', async () => (await written()) === status || undefined);
      else statuses.push(written);
    }
    const logs = await controller.logs();
    await controller.stop(); // work in hand gets done first
    expect(await Promise.all(statuses.map((written) => written()))).toEqual(statuses.map(() => undefined));
    expect(logs).toContain('controller is ready');
    expect(logs).not.toMatch(/forbidden|level=(ERROR|WARN)/i);
  });
});
