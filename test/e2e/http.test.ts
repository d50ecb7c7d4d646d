import { beforeAll, describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const holder = useWorld('--rate-limit=100', '--rate-limit-burst=100');
let proxy: string;

beforeAll(async () => {
  const { world } = holder;
  const port = Number(new URL(world.controller.url).port);
  await world.cluster.exposeService({ namespace: world.home, name: 'sealed-secrets-controller', port });
  proxy = `/api/v1/namespaces/${world.home}/services/http:sealed-secrets-controller:http/proxy`;
});

describe('the HTTP API behind the service proxy', () => {
  it('gives the certificate', async () => {
    const { world } = holder;
    const answer = await world.client.request('GET', `${proxy}/v1/cert.pem`);
    expect(answer.code).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-pem-file');
    expect(answer.text).toBe(await world.certificate());
  });
  it('verifies', async () => {
    const { world } = holder;
    const body = await world.seal({ namespace: 'blue', name: 'db' }, { a: '1' });
    const code = async (object: unknown) =>
      (await world.client.request('POST', `${proxy}/v1/verify`, { body: object })).code;
    expect(await code(body)).toBe(200);
    expect(await code({ ...body, metadata: { namespace: 'green', name: 'db' } })).toBe(409);
    expect(await code({ kind: 'Secret' })).toBe(500);
  });
  it('rotates to what opens again', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const body = await world.seal({ namespace, name: 'db' }, { a: '1' });
    const answer = await world.client.request('POST', `${proxy}/v1/rotate`, { body });
    expect(answer.code).toBe(200);
    // upstream leaves it to kubeseal
    const type = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret' };
    await world.apply({ ...answer.body, ...type });
    await world.untilItem(namespace, 'db', ['a', '1']);
  });
  it('seals anew also what the newest key sealed', async () => {
    const { world } = holder;
    const body = await world.seal({ namespace: 'blue', name: 'db' }, { a: '1' });
    const answer = await world.client.request('POST', `${proxy}/v1/rotate`, { body });
    const itemOf = (object: ApiObject) =>
      (object['spec'] as { encryptedData: { a: string } }).encryptedData.a;
    expect(itemOf(answer.body)).toMatch(/^A[gQ]/);
    expect(itemOf(answer.body)).not.toBe(itemOf(body));
  });
});

describe('the two ports', () => {
  it('serve what upstream serves, and 404 for everything else', async () => {
    const { url, metricsUrl } = holder.world.controller;
    const status = async (url: string) => (await fetch(url)).status;
    expect(await status(`${url}/healthz`)).toBe(200);
    expect(await status(`${url}/metrics`)).toBe(404);
    expect(await status(`${metricsUrl}/v1/cert.pem`)).toBe(404);
    expect(await status(`${metricsUrl}/metrics`)).toBe(200);
  });
  it('say at /readyz when the controller is ready', async () => {
    const { url } = holder.world.controller;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
  it("show every metric that upstream's dashboard and alerts read", async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace: 'elsewhere', name: 'db' }, { a: '1' });
    await world.apply({ ...sealed, metadata: { namespace, name: 'db' } }); // for a failure to count
    const text = await eventually('its condition', async () => {
      const metrics = await world.metrics();
      return metrics.includes(namespace) && metrics.includes('condition="Synced"') ? metrics : undefined;
    });
    const names = [
      'build_info',
      'unseal_requests_total',
      'unseal_errors_total',
      'condition_info',
      'http_requests_total',
      'http_request_duration_seconds',
    ];
    for (const name of names) expect(text).toContain(`# TYPE sealed_secrets_controller_${name} `);
    expect(text).toContain('process_resident_memory_bytes');
  });
  it('show every reason of a failure before there was one', async () => {
    const text = await holder.world.metrics();
    for (const reason of ['status', 'unseal', 'update', 'unmanaged']) {
      expect(text).toMatch(
        new RegExp(`^sealed_secrets_controller_unseal_errors_total\\{.*reason="${reason}"`, 'm'),
      );
    }
  });
});
