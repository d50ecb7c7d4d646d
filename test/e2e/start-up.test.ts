// Ours alone: starts our program by hand, with an environment or a place of its own.
import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { grantDeployedRights } from '../support/cluster/rights.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { type Controller, startController } from '../support/processes/controller-process.ts';
import { startUpstreamController } from '../support/processes/peer-controller.ts';
import { eventually } from '../support/time/eventually.ts';
import { isEmbedded, useWorld } from '../support/use-world.ts';
import { PROGRAM } from './program.ts';

const holder = useWorld();
const KEYS = 'labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active';
let other: Controller | undefined;

afterEach(() => other?.kill());

const keysIn = async (namespace: string) =>
  (await holder.world.client.list(`/api/v1/namespaces/${namespace}/secrets?${KEYS}`)).items;

const untilKeyIn = (namespace: string) =>
  eventually(`a key in ${namespace}`, async () => (await keysIn(namespace)).at(-1));

describe('the environment', () => {
  it('sets flags as SEALED_SECRETS_*, and the command line beats it', async () => {
    const { cluster } = holder.world;
    const namespace = await holder.world.namespace();
    other = await startController({
      cluster,
      namespace,
      env: {
        SEALED_SECRETS_KEY_PREFIX: 'from-env-',
        SEALED_SECRETS_KEY_SIZE: '4095',
        SEALED_SECRETS_LOG_FORMAT: 'json',
      },
      args: ['--key-size=2048', '--all-namespaces=false'],
    });
    const { metadata, ...made } = await untilKeyIn(namespace);
    const { 'tls.crt': certificate = '' } = made['data'] as Record<string, string>;
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
    expect(metadata.generateName).toBe('from-env-');
    expect(publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect((await other.logs()).split('\n')[0]).toMatch(/^\{"time":/);
  });
});

describe('readiness', () => {
  it('waits until SealedSecrets can be read', { timeout: 120_000 }, async () => {
    const { cluster, client } = holder.world;
    const namespace = await holder.world.namespace();
    const account = { namespace, name: 'late-rights' };
    await grantDeployedRights(client, account);
    const binding = `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/sealed-secrets-controller-late-rights-${namespace}`;
    const { metadata, ...bound } = await client.get(binding);
    expect((await client.request('DELETE', binding)).code).toBe(200);
    const running = await startController({
      cluster,
      namespace,
      serviceAccount: account,
      args: ['--key-size=2048'],
      untilReady: false,
    });
    other = running;
    const readiness = async () => (await fetch(`${running.url}/readyz`)).status;
    const failing = async () =>
      /watches_failing\{resource="sealedsecrets"\} (\d+)/.exec(
        await (await fetch(`${running.metricsUrl}/metrics`)).text(),
      )?.[1];
    await eventually('the warning', async () =>
      (await running.logs()).includes('no SealedSecrets can be read') ? true : undefined,
    );
    expect([await readiness(), await failing()]).toEqual([503, '1']);
    await client.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      ...bound,
      metadata: { name: metadata.name },
    });
    await eventually('readiness', async () => ((await readiness()) === 200 ? true : undefined));
  });
});

describe('the namespace of its own', () => {
  it('is the one that POD_NAMESPACE names', async () => {
    const namespace = await holder.world.namespace();
    const args = ['--key-size=2048', '--all-namespaces=false'];
    other = await startController({ cluster: holder.world.cluster, namespace, args });
    await untilKeyIn(namespace);
  });
  it('is default where nothing names one', async () => {
    const { cluster, client } = holder.world;
    const prefix = `${uniqueName('nowhere')}-`; // others have keys there too
    const args = [
      '--key-size=2048',
      '--all-namespaces=false',
      `--key-prefix=${prefix}`,
      '--leader-elect=false',
    ];
    const cutoff = new Date(Date.now() + 1_000).toUTCString().replace('GMT', '+0000');
    args.push(`--key-cutoff-time=${cutoff}`);
    other = await startController({ cluster, namespace: '', args });
    const made = await eventually('a key in default', async () =>
      (await keysIn('default')).find(({ metadata }) => metadata.generateName === prefix),
    );
    await other.kill();
    await client.delete(`/api/v1/namespaces/default/secrets/${made.metadata.name}`);
  });
  // needs a mount namespace, as every test with upstream's controller does
  if (!isEmbedded)
    it('is the one in the files of its service account', async () => {
      const { cluster, home: namespace } = holder.world;
      const kubeconfig = await holder.world.prepare();
      await holder.world.controller.stop(); // gives its Lease back, or the other would wait for it
      const before = (await holder.world.keySecrets()).length;
      const cutoff = new Date(Date.now() + 1_000).toUTCString().replace('GMT', '+0000');
      const args = ['--key-size=2048', `--key-cutoff-time=${cutoff}`];
      other = await startUpstreamController({ cluster, namespace, kubeconfig, program: PROGRAM, args });
      await eventually('one more key', async () =>
        (await holder.world.keySecrets()).length > before ? true : undefined,
      );
    });
});
