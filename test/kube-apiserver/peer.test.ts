import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TestCluster } from '../support/cluster.ts';
import {
  peerProblem,
  startUpstreamController,
  type UpstreamController,
  upstreamKubeseal,
} from '../support/peer.ts';
import { ApiClient } from './api-client.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { applySealedSecretCrd } from './sealed-secret-crd.ts';
import { startKubeApiserver } from './start.ts';
import { grantUpstreamRights } from './upstream-rbac.ts';

const problem = peerProblem();
if (problem !== undefined) process.stderr.write(`SKIPPED, upstream's programs: ${problem}\n`);

describe.skipIf(problem !== undefined)("upstream's programs", () => {
  const namespace = 'kube-apiserver-peer';
  const serviceAccount = { namespace, name: 'sealed-secrets-controller' };
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  let cluster: TestCluster;
  let admin: ApiClient;
  let controller: UpstreamController;
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fuin-home-'));
    cluster = await startKubeApiserver();
    admin = new ApiClient(await readKubeconfig(cluster.adminKubeconfig));
    await applySealedSecretCrd(admin);
    await cluster.kubeconfigFor(serviceAccount);
    await grantUpstreamRights(admin, serviceAccount);
    controller = await startUpstreamController({
      cluster,
      serviceAccount,
      port: 18_080,
      metricsPort: 18_081,
      // the server is shared: at upstream's five requests a second, other tests' objects would keep it busy for minutes
      args: ['--all-namespaces=false'],
    });
    await cluster.exposeService({ ...serviceAccount, port: 18_080 });
  });
  afterAll(async () => {
    await controller?.stop();
    admin?.close();
    await cluster?.stop();
    await rm(home, { recursive: true, force: true });
  });

  it('the controller generates its key Secret under the rights of its chart', async () => {
    const keys = await admin.get<{ items: { type: string }[] }>(
      `${secrets}?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key`,
    );
    expect(keys.items.map((key) => key.type)).toEqual(['kubernetes.io/tls']);
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
      const opened = await admin.get<{ data: Record<string, string> }>(`${secrets}/db`);
      expect(opened.data).toEqual({ password: Buffer.from('s3cret').toString('base64') });
    }, 15_000);
  });
});
