// Ours alone: upstream knows no format v2.
import { SEALING_KEY_LABEL, sealSecret } from '@fuin/crypto-core';
import { importRecipient, parseRecipient, type XWingRecipient } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeKms, startFakeKms } from '../../packages/cloud/src/testing/fake-kem-service.ts';
import { type FaultProxy, startFaultProxy } from '../../packages/cloud/src/testing/fault-proxy.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { seal } from '../support/cluster/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';

describe('--split-key (a stand-in for AWS KMS)', () => {
  let kms: FakeKms;
  let proxy: FaultProxy;
  let world: World;
  let recipient: XWingRecipient;
  beforeAll(async () => {
    kms = await startFakeKms();
    proxy = await startFaultProxy(kms.url);
    const env = {
      AWS_ENDPOINT_URL_KMS: proxy.url,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    world = await World.on(await startCluster(), { env });
    await world.start(...flags());
    recipient = await eventually('a recipient', async () => {
      const answer = await fetch(`${world.controller.url}/v2/recipients`);
      if (!answer.ok) return undefined;
      const { recipients } = (await answer.json()) as { recipients: readonly { recipient: string }[] };
      return importRecipient(parseRecipient(recipients[0]?.recipient ?? ''));
    });
  });
  afterAll(async () => {
    await world?.close();
    await proxy?.close();
    await kms?.close();
  });

  const flags = () => ['--v2-keys', `--split-key=aws-kms:${kms.arn}`, '--key-renew-period=0'];
  const calls = () => kms.actions.filter((action) => action === 'Decapsulate').length;
  /** A value for the split key, as an object of a namespace of its own. */
  async function applySealed(): Promise<string> {
    const metadata = { namespace: await world.namespace(), name: 'db' };
    const data = { password: btoa('s3cret') };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data } as const;
    await world.apply({ ...(await sealSecret(secret, recipient, 'strict')), metadata });
    return metadata.namespace;
  }

  it('makes a key with one half in the cluster, and opens values with one call each', async () => {
    const path = `/api/v1/namespaces/${world.home}/secrets?labelSelector=${SEALING_KEY_LABEL}`;
    const [secret] = (await world.client.list(path)).items;
    expect(secret?.['type']).toBe('sealedsecrets.bitnami.com/split-key');
    expect(Object.keys(Object(secret?.['data'])).sort()).toEqual(['key-service', 'public-key', 'x25519-key']);
    const before = calls();
    await world.untilItem(await applySealed(), 'db', ['password', 's3cret']);
    expect(calls()).toBe(before + 1);
    expect(await world.metrics()).toMatch(
      /^sealed_secrets_controller_split_key_decapsulations_total\{result="asked"\} \d+$/m,
    );
  });
  it('keeps its values waiting while the service is down, and opens those of other keys', async () => {
    proxy.trouble = 'gone';
    const waiting = await applySealed();
    await world.untilSynced(waiting, 'db', 'False');
    const { namespace, sealed } = await plainValue();
    await world.apply(sealed);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    proxy.trouble = undefined;
    await world.untilItem(waiting, 'db', ['password', 's3cret']);
    await world.untilSynced(waiting, 'db', 'True');
  });
  it('needs no call at a restart, makes no new key during an outage, and opens values afterwards', async () => {
    const asked = kms.actions.length;
    proxy.trouble = 503;
    await world.restart(...flags());
    const answer = await fetch(`${world.controller.url}/v2/recipients`);
    expect(JSON.stringify(await answer.json())).toContain(recipient.id);
    proxy.trouble = undefined;
    expect(kms.actions.length).toBe(asked);
    await world.untilItem(await applySealed(), 'db', ['password', 's3cret']);
  });

  async function plainValue() {
    const metadata = { namespace: await world.namespace(), name: 'db' };
    const data = { password: btoa('s3cret') };
    const sealed = await seal(await world.certificate(), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      data,
    });
    return { namespace: metadata.namespace, sealed };
  }
});
