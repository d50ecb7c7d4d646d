import { exportPrivateKey, generateKeyPair, type KeyPair, sealSecret } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { asObject } from '../support/cluster/sealing.ts';
import { secretPath, statusOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import type { World } from '../support/world.ts';
import { it } from './it.ts';

const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
const holder = useWorld();

interface OwnKey {
  readonly keyPair: KeyPair;
  readonly secret: ApiObject;
}

/** A key pair of one's own as a key Secret, not stored yet. */
async function ownKey(name: string, keySizeBits: number, notBefore: Date): Promise<OwnKey> {
  const keyPair = await generateKeyPair(keySizeBits);
  const notAfter = new Date(notBefore.getTime() + 86_400_000);
  const certificate = await createCertificate(keyPair, { commonName: 'own', notBefore, notAfter });
  const stringData = { 'tls.key': exportPrivateKey(keyPair, 'pkcs8'), 'tls.crt': certificate };
  const metadata = { name, labels: { [LABEL]: 'active' } };
  return {
    keyPair,
    secret: { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', stringData },
  };
}

async function sealWith(keyPair: KeyPair, namespace: string): Promise<ApiObject> {
  const metadata = { namespace, name: 'db' };
  const data = { password: btoa('s3cret') };
  return asObject(await sealSecret({ apiVersion: 'v1', kind: 'Secret', metadata, data }, keyPair));
}

const secretsOf = (world: World) => `/api/v1/namespaces/${world.home}/secrets`;

/** What the condition Ready says of a SealedSecret, once it cannot be opened. */
async function advice(namespace: string): Promise<string> {
  return eventually('advice in Ready', async () => {
    const object = await holder.world.findSealedSecret(namespace, 'db');
    const ready = statusOf(object).conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'False' ? ready.message : undefined;
  });
}

describe('key Secrets', () => {
  it('open at once what waited for them: any RSA size, PKCS#8, made by hand', async () => {
    const { world } = holder;
    const key = await ownKey('own-3072', 3072, new Date('2020-01-01'));
    const namespace = await world.namespace();
    await world.apply(await sealWith(key.keyPair, namespace));
    await world.untilSynced(namespace, 'db', 'False');
    const served = await world.certificate();
    await world.client.create(secretsOf(world), key.secret);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.untilSynced(namespace, 'db', 'True');
    expect(await world.certificate()).toBe(served); // an old certificate is not the newest
  });
  it('are served when they are the newest, and no more once they are marked compromised', async () => {
    const { world } = holder;
    const served = await world.certificate();
    // later than the served one's, but no more than clocks may differ
    const soon = new Date(Date.now() + 60_000);
    const key = await ownKey('own-newest', 2048, soon);
    await world.client.create(secretsOf(world), key.secret);
    await eventually('another certificate', async () =>
      (await world.certificate()) === served ? undefined : true,
    );
    const labels = { [LABEL]: 'compromised' };
    await world.client.patch(`${secretsOf(world)}/own-newest`, 'merge', { metadata: { labels } });
    await eventually('the old one', async () => ((await world.certificate()) === served ? true : undefined));
    const namespace = await world.namespace();
    await world.apply(await sealWith(key.keyPair, namespace));
    await world.untilSynced(namespace, 'db', 'False');
  });
  it('count no more once they are deleted', async () => {
    const { world } = holder;
    const key = await ownKey('own-deleted', 2048, new Date('2020-01-01'));
    await world.client.create(secretsOf(world), key.secret);
    const first = await world.namespace();
    await world.apply(await sealWith(key.keyPair, first));
    await world.untilItem(first, 'db', ['password', 's3cret']);
    await world.untilSynced(first, 'db', 'True');
    await world.client.delete(`${secretsOf(world)}/own-deleted`);
    await eventually('its removal', async () => {
      const lines = (await world.controller.logs())
        .split('\n')
        .filter((line) => line.includes('key removed'));
      return lines.some((line) => line.includes(key.keyPair.id)) ? true : undefined;
    });
    const second = await world.namespace();
    await world.apply(await sealWith(key.keyPair, second));
    await world.untilSynced(second, 'db', 'False');
    await world.client.delete(secretPath(first, 'db'));
    expect(await advice(first)).toContain(
      `it was last opened with key ${key.keyPair.id} (out of service here since `,
    );
  });
  it('are named in Ready, with the day on which kubeseal keys retire retired them', async () => {
    const { world } = holder;
    const key = await ownKey('own-retired', 2048, new Date('2020-01-01'));
    await world.client.create(secretsOf(world), key.secret);
    const namespace = await world.namespace();
    await world.apply(await sealWith(key.keyPair, namespace));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.untilSynced(namespace, 'db', 'True'); // the status says which key opened it
    const metadata = {
      labels: { [LABEL]: 'retired' },
      annotations: { 'sealedsecrets.bitnami.com/retired-at': '2026-06-01T00:00:00.000Z' },
    };
    await world.client.patch(`${secretsOf(world)}/own-retired`, 'merge', { metadata });
    await world.restart();
    await world.client.delete(secretPath(namespace, 'db'));
    // the controller before the restart may have said since when the key is out of service
    const expected = `${key.keyPair.id} (retired on 2026-06-01 by kubeseal keys retire)`;
    await eventually('who retired it', async () =>
      (await advice(namespace)).includes(expected) ? true : undefined,
    );
  });
  it('named like the prefix and without label count, as in old installations', async () => {
    const { world } = holder;
    const key = await ownKey('sealed-secrets-key', 2048, new Date('2020-01-01'));
    await world.client.create(secretsOf(world), { ...key.secret, metadata: { name: 'sealed-secrets-key' } });
    await world.restart();
    const namespace = await world.namespace();
    await world.apply(await sealWith(key.keyPair, namespace));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
  });
  it('are ordered by --key-order-priority=SecretCreationTimestamp', async () => {
    const { world } = holder;
    await new Promise((resolve) => setTimeout(resolve, 1100)); // creation times count in seconds
    const key = await ownKey('own-by-creation', 2048, new Date('2019-01-01'));
    await world.client.create(secretsOf(world), key.secret);
    await world.restart('--key-order-priority=SecretCreationTimestamp', '--key-renew-period=0');
    const stringData = key.secret['stringData'] as Record<string, string>;
    expect(await world.certificate()).toBe(stringData['tls.crt']);
  });
  it('full of garbage hurt nobody, at start and at run time', async () => {
    const { world } = holder;
    const garbage = [
      {},
      { 'tls.key': '' },
      { 'tls.key': 'x', 'tls.crt': 'y' },
      { 'tls.key': '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n', 'tls.crt': '' },
    ];
    for (const [index, stringData] of garbage.entries()) {
      const metadata = { name: `garbage-${index}`, labels: { [LABEL]: 'active' } };
      await world.client.create(secretsOf(world), { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
    }
    await eventually(
      'all of them in the metrics',
      async () => /key_errors_total 4/.exec(await world.metrics()) ?? undefined,
    );
    await world.restart();
    expect(await world.metrics()).toContain('key_errors_total 4');
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
  });
});
