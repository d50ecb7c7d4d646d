import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import type { TestCluster } from '../support/api/types.ts';
import { grantUpstreamRights } from '../support/cluster/rights.ts';
import { applySealedSecretCrd } from '../support/cluster/sealed-secret-crd.ts';
import type { ControllerProcess } from '../support/processes/controller-process.ts';
import { startUpstreamController } from '../support/processes/peer-controller.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';
import { peerProblem, upstreamKubeseal } from '../support/tools/peer.ts';
import { startKubeApiserver } from './start.ts';

const problem = peerProblem();
if (problem !== undefined) process.stderr.write(`SKIPPED, upstream's programs: ${problem}\n`);

describe.skipIf(problem !== undefined)("upstream's programs", () => {
  const namespace = 'kube-apiserver-peer';
  const serviceAccount = { namespace, name: 'sealed-secrets-controller' };
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  let cluster: TestCluster;
  let admin: ApiClient;
  let controller: ControllerProcess;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fuin-home-'));
    cluster = await startKubeApiserver();
    admin = await apiClient(cluster.adminKubeconfig);
    await applySealedSecretCrd(admin);
    await grantUpstreamRights(admin, serviceAccount);
    controller = await startUpstreamController({
      cluster,
      serviceAccount,
      // the server is shared: at upstream's five requests a second, other tests' objects would keep it busy for minutes
      args: ['--all-namespaces=false'],
    });
    await cluster.exposeService({ ...serviceAccount, port: Number(new URL(controller.httpUrl).port) });
  });
  afterAll(async () => {
    await controller?.kill();
    admin?.close();
    await cluster?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it('the controller generates its key Secret under the rights of its chart', async () => {
    const { items } = await admin.list(
      `${secrets}?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key`,
    );
    expect(items.map(({ type }) => type)).toEqual(['kubernetes.io/tls']);
  });

  it('a Secret sealed by kubeseal through the service proxy is unsealed in the cluster', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace },
      stringData: { password: 's3cret' },
    };
    const sealed = await upstreamKubeseal(['--controller-namespace', namespace], {
      stdin: JSON.stringify(secret),
      env: { KUBECONFIG: cluster.adminKubeconfig, HOME: home },
    });
    expect(sealed).toMatchObject({ code: 0, stderr: '' });
    await admin.create(
      `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`,
      JSON.parse(sealed.stdout),
    );
    await vi.waitFor(async () => {
      const opened = await admin.get(`${secrets}/db`);
      expect(opened['data']).toEqual({ password: Buffer.from('s3cret').toString('base64') });
    }, PATIENCE_MS);
  });
});
