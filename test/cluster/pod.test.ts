import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textsOf } from '../support/objects.ts';
import { template } from '../support/tools/helm.ts';
import { Installation } from './installation.ts';
import { containerOf, type Pod } from './pod.ts';

let release: Installation;
let pods: readonly Pod[];

beforeAll(async () => {
  release = await Installation.inNewNamespace();
  await release.install();
  pods = await release.untilReady(2);
});
afterAll(() => release?.close());

describe("the chart's Pods with default values, on nodes", () => {
  it('run the image as it is, ready by their probes and without a restart, each on a node of its own', async () => {
    const { container } = await template();
    for (const pod of pods)
      expect(containerOf(pod)).toMatchObject({ image: container.image, restartCount: 0 });
    expect(pods.map(({ node }) => node).sort()).toEqual(['node-a', 'node-b']);
  });

  it('are in a namespace whose Pod Security refuses others', async () => {
    const spec = { containers: [{ name: 'careless', image: 'none' }] };
    const path = `/api/v1/namespaces/${release.home}/pods?dryRun=All`;
    const body = { metadata: { name: 'careless' }, spec };
    const { code, text } = await release.client.request('POST', path, { body });
    expect(code).toBe(403);
    expect(text).toContain('violates PodSecurity \\"restricted:latest\\"');
  });

  it('open what kubeseal seals with the certificate that it fetches from them', async () => {
    const namespace = await release.namespace();
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'db' } };
    const input = JSON.stringify({ ...secret, stringData: { password: 's3cret' } });
    const { code, stdout, stderr } = await release.kubeseal(['--format=json'], input);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    await release.apply(JSON.parse(stdout));
    expect(textsOf(await release.untilUnsealed(namespace, 'db'))).toEqual({ password: 's3cret' });
  });
});
