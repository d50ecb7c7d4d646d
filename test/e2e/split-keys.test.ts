// Ours alone: upstream knows no format v2.
import { SEALING_KEY_LABEL, sealSecret } from '@fuin/crypto-core';
import { importRecipient, parseRecipient, type XWingRecipient } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeGoogleKem } from '../../packages/cloud/src/testing/fake-google-kem.ts';
import { startFakeKms } from '../../packages/cloud/src/testing/fake-kem-service.ts';
import { type FaultProxy, startFaultProxy } from '../../packages/cloud/src/testing/fault-proxy.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { seal } from '../support/cluster/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';

/** A stand-in for a key service, its key, and how a controller finds both. */
interface StandIn {
  readonly url: string;
  readonly key: string;
  /** What it was asked so far. */
  readonly actions: readonly string[];
  /** @param url of what stands between the controller and the service */
  env(url: string): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

async function startAws(): Promise<StandIn> {
  const kms = await startFakeKms();
  return {
    url: kms.url,
    key: `aws-kms:${kms.arn}`,
    actions: kms.actions,
    env: (url) => ({
      AWS_ENDPOINT_URL_KMS: url,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    }),
    close: () => kms.close(),
  };
}

async function startGoogle(): Promise<StandIn> {
  const google = await startFakeGoogleKem();
  google.tokens.add('ya29.given');
  return {
    url: google.url,
    key: `gcp-kms:${google.kemKey.version(1)}`,
    actions: google.kemKey.actions,
    env: (url) => ({
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: url,
      GOOGLE_OAUTH_ACCESS_TOKEN: 'ya29.given',
    }),
    close: () => google.close(),
  };
}

describe.each([
  {
    service: 'AWS KMS',
    start: startAws,
    type: 'split-key',
    items: ['key-service', 'public-key', 'x25519-key'],
  },
  {
    service: 'Google Cloud KMS',
    start: startGoogle,
    type: 'held-key',
    items: ['key-service', 'public-key'],
  },
])('--split-key (a stand-in for $service)', ({ start, type, items }) => {
  let kms: StandIn;
  let proxy: FaultProxy;
  let world: World;
  let recipient: XWingRecipient;
  beforeAll(async () => {
    kms = await start();
    proxy = await startFaultProxy(kms.url);
    world = await World.on(await startCluster(), { env: kms.env(proxy.url) });
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

  const flags = () => ['--v2-keys', `--split-key=${kms.key}`, '--key-renew-period=0'];
  const calls = () => kms.actions.filter((action) => action.toLowerCase() === 'decapsulate').length;
  /** A value for the split key, as an object of a namespace of its own. */
  async function applySealed(): Promise<string> {
    const metadata = { namespace: await world.namespace(), name: 'db' };
    const data = { password: btoa('s3cret') };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data } as const;
    await world.apply({ ...(await sealSecret(secret, recipient, 'strict')), metadata });
    return metadata.namespace;
  }

  it('makes a key of which the cluster holds half or nothing, and opens values with one call each', async () => {
    const path = `/api/v1/namespaces/${world.home}/secrets?labelSelector=${SEALING_KEY_LABEL}`;
    const [secret] = (await world.client.list(path)).items;
    expect(secret?.['type']).toBe(`sealedsecrets.bitnami.com/${type}`);
    expect(Object.keys(Object(secret?.['data'])).sort()).toEqual(items);
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
