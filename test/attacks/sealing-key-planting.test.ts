import { exportPrivateKey, generateKeyPair, type RsaKeyPair, sealSecret } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { storeKey } from '../support/cluster/key-secret.ts';
import { asObject } from '../support/cluster/sealing.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import type { World } from '../support/world.ts';

const KEY_LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
const holder = useWorld();
let made = 0;

interface Stolen {
  readonly keyPair: RsaKeyPair;
  readonly certificate: string;
}

/** A key pair that only the attacker has, with a certificate that looks newer than any other. */
async function attackersKey(): Promise<Stolen> {
  const keyPair = await generateKeyPair(2048);
  const [notBefore, notAfter] = [new Date(Date.now() + 3_600_000 * ++made), new Date('2049-12-31T00:00:00Z')];
  return { keyPair, certificate: await createCertificate(keyPair, { commonName: '', notBefore, notAfter }) };
}

/** A SealedSecret in the controller's own namespace whose Secret would be a sealing key. */
async function plant(
  world: World,
  { keyPair, certificate }: Stolen,
  metadata: ApiObject['metadata'],
): Promise<ApiObject> {
  const items = { 'tls.key': exportPrivateKey(keyPair), 'tls.crt': certificate };
  const { labels, ...own } = metadata;
  const sealed = await world.seal({ ...own, namespace: world.home }, items);
  const spec = sealed['spec'] as { template: { metadata?: object } };
  spec.template.metadata = { ...spec.template.metadata, ...(labels ? { labels } : {}) };
  return world.apply(sealed);
}

/**
 * A sealing key as an earlier controller let a SealedSecret make it, once this one has refused it for good.
 */
async function plantEarlier(world: World, stolen: Stolen, name: string): Promise<string> {
  await plant(world, stolen, { name });
  expect(await verdict(world, name)).toBe('True');
  const path = `/api/v1/namespaces/${world.home}/secrets/${name}`;
  await world.client.patch(path, 'merge', { metadata: { labels: { [KEY_LABEL]: 'active' } } });
  await world.untilEvent(world.home, name, 'ErrKeyInvalid');
  await eventually('the refusal on the key Secret', async () => {
    const { labels } = (await world.client.get(path)).metadata;
    return labels?.[KEY_LABEL] === 'refused' ? true : undefined;
  });
  return path;
}

/**
 * Deletes a SealedSecret in the controller's namespace; the garbage collector takes its mark off the Secret.
 */
async function orphan(world: World, name: string): Promise<void> {
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${world.home}/sealedsecrets/${name}`;
  const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Orphan' };
  expect((await world.client.request('DELETE', path, { body })).code).toBe(200);
}

/** What the controller says of the object in the end. */
async function verdict(world: World, name: string): Promise<string> {
  const { conditions = [] } = await world.untilObserved(world.home, name);
  return conditions[0]?.status ?? 'none';
}

/**
 * Neither served nor in the ring once a newer key is there: by then the controller has looked at every key.
 */
async function expectNotServed(world: World, { keyPair, certificate }: Stolen): Promise<void> {
  const marker = await generateKeyPair(2048);
  const [notBefore, notAfter] = [new Date('2020-01-01'), new Date('2049-12-31')];
  const markerCertificate = await createCertificate(marker, { commonName: '', notBefore, notAfter });
  const data = { 'tls.key': btoa(exportPrivateKey(marker)), 'tls.crt': btoa(markerCertificate) };
  const key = { certificatePem: markerCertificate, secret: { type: 'kubernetes.io/tls', data } };
  await storeKey(world.client, world.home, { key, name: uniqueName('marker') });
  await eventually('the marker in use', async () =>
    (await world.controller.logs()).includes(marker.id) ? true : undefined,
  );
  const served = await world.served();
  expect(served.replaceAll(/\s/g, '')).not.toBe(certificate.replaceAll(/\s/g, ''));
  expect(await world.controller.logs()).not.toContain(keyPair.id);
}

describe('a SealedSecret in the namespace of another controller', () => {
  const labels = { [KEY_LABEL]: 'active' };

  it('never makes a sealing key for it', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'db', labels }, { 'tls.key': 'x' });
    await world.apply(sealed);
    expect((await world.untilSynced(namespace, 'db', 'False')).message).toContain('--allow-sealing-keys');
    expect(await world.secret(namespace, 'db')).toBeUndefined();
  });

  it('never turns a Secret that others let it change into one', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const metadata = { name: 'db', annotations: { 'sealedsecrets.bitnami.com/patch': 'true' } };
    await world.client.create(`/api/v1/namespaces/${namespace}/secrets`, {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata },
    });
    await world.apply(await world.seal({ namespace, name: 'db', labels }, { 'tls.key': 'x' }));
    await world.untilSynced(namespace, 'db', 'False');
    expect((await world.secret(namespace, 'db'))?.metadata.labels).toBeUndefined();
  });
});

describe('a SealedSecret in the namespace of the controller', () => {
  it('never becomes a sealing key by a label in its template', async () => {
    const { world } = holder;
    const stolen = await attackersKey();
    await plant(world, stolen, { name: 'planted', labels: { [KEY_LABEL]: 'active' } });
    const said = await verdict(world, 'planted');
    await expectNotServed(world, stolen);
    expect(said).toBe('False');
  });

  it('never becomes a sealing key by the name that a key had before keys had labels', async () => {
    const { world } = holder;
    const stolen = await attackersKey();
    await plant(world, stolen, { name: 'sealed-secrets-key' });
    await verdict(world, 'sealed-secrets-key');
    await world.controller.stop();
    await world.start();
    await expectNotServed(world, stolen);
  });

  it('never turns a Secret that others let it change into a sealing key', async () => {
    const { world } = holder;
    const stolen = await attackersKey();
    const annotations = { 'sealedsecrets.bitnami.com/patch': 'true' };
    await world.client.create(`/api/v1/namespaces/${world.home}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'shared', annotations },
    });
    await plant(world, stolen, { name: 'shared', labels: { [KEY_LABEL]: 'active' } });
    expect(await verdict(world, 'shared')).toBe('False');
    expect((await world.secret(world.home, 'shared'))?.metadata.labels).toBeUndefined();
  });

  it('is still refused the key that an earlier controller let it make, until a person takes it over', async () => {
    const { world } = holder;
    const stolen = await attackersKey();
    const path = await plantEarlier(world, stolen, 'earlier');
    await world.controller.stop();
    await world.start();
    await expectNotServed(world, stolen);
    await world.client.patch(path, 'merge', { metadata: { ownerReferences: null } });
    await expectNotServed(world, stolen);
    await world.client.patch(path, 'merge', { metadata: { labels: { [KEY_LABEL]: 'active' } } });
    await eventually('the key in use', async () =>
      (await world.controller.logs()).includes(stolen.keyPair.id) ? true : undefined,
    );
  });

  it('is refused that key also once its author has the mark taken off', async () => {
    const { world } = holder;
    const stolen = await attackersKey();
    const path = await plantEarlier(world, stolen, 'orphaned');
    await orphan(world, 'orphaned');
    await eventually('a key Secret without owner', async () => {
      const { metadata } = await world.client.get(path);
      return metadata.ownerReferences?.length ? undefined : metadata;
    });
    await expectNotServed(world, stolen);
    await world.controller.stop();
    await world.start();
    await expectNotServed(world, stolen);
  });

  it('may still be an ordinary Secret', async () => {
    const { world } = holder;
    await world.apply(await world.seal({ namespace: world.home, name: 'ordinary' }, { password: 'x' }));
    expect(await verdict(world, 'ordinary')).toBe('True');
    const { keyPair } = await attackersKey();
    const foreign = await sealSecret(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'foreign', namespace: world.home },
        data: { a: btoa('b') },
      },
      keyPair,
    );
    await world.apply(asObject(foreign));
    expect(await verdict(world, 'foreign')).toBe('False');
  });
});
