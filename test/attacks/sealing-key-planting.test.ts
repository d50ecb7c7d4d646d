import { exportPrivateKey, generateKeyPair, type KeyPair, sealSecret } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { describe, expect, it } from 'vitest';
import { eventually, useWorld, type World } from '../e2e/world.ts';
import type { ApiObject } from '../support/api-client.ts';

const KEY_LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
const holder = useWorld();
let made = 0;

interface Stolen {
  readonly keyPair: KeyPair;
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

/** What the controller says of the object in the end. */
async function verdict(world: World, name: string): Promise<string> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const { conditions = [] } = ((await world.sealedSecret(world.home, name))['status'] ?? {}) as {
      conditions?: readonly { readonly status: string }[];
    };
    if (conditions[0]) return conditions[0].status;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return 'none';
}

/** Neither served nor in the ring; a key is taken in within milliseconds. */
async function expectNotServed(world: World, { keyPair, certificate }: Stolen): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 500));
  const served = await (await fetch(`${world.controller.httpUrl}/v1/cert.pem`)).text();
  expect(served.replaceAll(/\s/g, '')).not.toBe(certificate.replaceAll(/\s/g, ''));
  expect(await world.controller.logs()).not.toContain(keyPair.fingerprint);
}

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
    await plant(world, stolen, { name: 'earlier' });
    expect(await verdict(world, 'earlier')).toBe('True');
    const path = `/api/v1/namespaces/${world.home}/secrets/earlier`;
    await world.client.patch(path, 'merge', { metadata: { labels: { [KEY_LABEL]: 'active' } } });
    await world.untilEvent(world.home, 'earlier', 'ErrKeyInvalid');
    await world.controller.stop();
    await world.start();
    await expectNotServed(world, stolen);
    await world.client.patch(path, 'merge', { metadata: { ownerReferences: null } });
    await eventually('the key in use', async () =>
      (await world.controller.logs()).includes(stolen.keyPair.fingerprint) ? true : undefined,
    );
  });

  it('may still be an ordinary Secret', async () => {
    const { world } = holder;
    await world.apply(await world.seal({ namespace: world.home, name: 'ordinary' }, { password: 'x' }));
    expect(await verdict(world, 'ordinary')).toBe('True');
    const { publicKey } = await attackersKey().then(({ keyPair }) => keyPair);
    const foreign = await sealSecret(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'foreign', namespace: world.home },
        data: { a: btoa('b') },
      },
      publicKey,
    );
    await world.apply(structuredClone(foreign) as unknown as ApiObject);
    expect(await verdict(world, 'foreign')).toBe('False');
  });
});
