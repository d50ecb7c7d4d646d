import { encodeBase64, encodeUtf8, encryptionLabel } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const P = 'sealedsecrets.bitnami.com/';
const holder = useWorld();

const withTemplate = (sealed: ApiObject, template: object): ApiObject => {
  const spec = sealed['spec'] as { template: object };
  return { ...sealed, spec: { ...spec, template: { ...spec.template, ...template } } };
};

describe('Secrets', () => {
  it.each([
    ['Opaque', { a: '1' }],
    ['kubernetes.io/tls', { 'tls.crt': 'c', 'tls.key': 'k' }],
    ['kubernetes.io/basic-auth', { username: 'u', password: 'p' }],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': 'k' }],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' }],
    ['kubernetes.io/dockercfg', { '.dockercfg': '{}' }],
    ['example.com/own', { a: '1' }],
  ])('of type %s are made', async (type, texts) => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(withTemplate(await world.seal({ namespace, name: 'db' }, texts), { type }));
    await world.untilSynced(namespace, 'db', 'True');
    const secret = await world.secret(namespace, 'db');
    expect(secret).toMatchObject({ type });
    expect(textsOf(secret)).toEqual(texts);
  });
  it('of the three scopes open where they may', async () => {
    const { world } = holder;
    const [blue, green] = [await world.namespace(), await world.namespace()];
    const moved = async (scope: 'namespace-wide' | 'cluster-wide', namespace: string) => {
      const sealed = await world.seal({ namespace: blue, name: 'origin' }, { a: scope }, scope);
      await world.apply({ ...sealed, metadata: { ...sealed.metadata, namespace, name: scope } });
    };
    await moved('namespace-wide', blue);
    await world.untilItem(blue, 'namespace-wide', ['a', 'namespace-wide']);
    await moved('cluster-wide', green);
    await world.untilItem(green, 'cluster-wide', ['a', 'cluster-wide']);
    await moved('namespace-wide', green);
    await world.untilSynced(green, 'namespace-wide', 'False');
  });
  it('with both scope annotations are cluster-wide, and a renamed strict one stays shut', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const wide = await world.seal({ namespace, name: 'one' }, { a: '1' }, 'cluster-wide');
    const annotations = { ...wide.metadata.annotations, [`${P}namespace-wide`]: 'true' };
    await world.apply({ ...wide, metadata: { name: 'other', namespace, annotations } });
    await world.untilItem(namespace, 'other', ['a', '1']);
    const strict = await world.seal({ namespace, name: 'one' }, { a: '1' });
    await world.apply({ ...strict, metadata: { name: 'renamed', namespace } });
    await world.untilSynced(namespace, 'renamed', 'False');
  });
  it('that are immutable stay as they are, and an event says what to do', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(
      withTemplate(await world.seal({ namespace, name: 'db' }, { a: '1' }), { immutable: true }),
    );
    await world.untilSynced(namespace, 'db', 'True');
    expect(await world.secret(namespace, 'db')).toMatchObject({ immutable: true });
    await world.apply(
      withTemplate(await world.seal({ namespace, name: 'db' }, { a: '2' }), { immutable: true }),
    );
    await world.untilSynced(namespace, 'db', 'False');
    expect(await world.untilEvent(namespace, 'db', 'ErrUpdateFailed')).toContain(
      'You can only delete and recreate the Secret.',
    );
    await world.client.delete(`/api/v1/namespaces/${namespace}/secrets/db`);
    await world.untilItem(namespace, 'db', ['a', '2']);
    await world.untilSynced(namespace, 'db', 'True');
  });
  it('marked as patch are merged into and keep their other items, labels and owner', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const metadata = { name: 'db', labels: { theirs: 'x' }, annotations: { [`${P}patch`]: 'true' } };
    await world.client.create(`/api/v1/namespaces/${namespace}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { theirs: 'x' },
    });
    await world.apply(await world.seal({ namespace, name: 'db', labels: { ours: 'y' } }, { ours: 'y' }));
    const secret = await world.untilItem(namespace, 'db', ['ours', 'y']);
    expect(textsOf(secret)).toEqual({ theirs: 'x', ours: 'y' });
    expect(secret.metadata).toMatchObject({ labels: { theirs: 'x', ours: 'y' } });
    expect(secret.metadata).not.toHaveProperty('ownerReferences');
  });
  it('that shall have no owner get none', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const annotations = { [`${P}skip-set-owner-references`]: 'true', [`${P}managed`]: 'true' };
    await world.apply(await world.seal({ namespace, name: 'db', annotations }, { a: '1' }));
    const first = await world.untilItem(namespace, 'db', ['a', '1']);
    expect(first.metadata).not.toHaveProperty('ownerReferences');
    await world.untilSynced(namespace, 'db', 'True');
    await world.apply(await world.seal({ namespace, name: 'db', annotations }, { a: '2' }));
    await world.untilItem(namespace, 'db', ['a', '2']);
  });
  it('of types that mint credentials are refused', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const annotations = { 'kubernetes.io/service-account.name': 'default' };
    const sealed = await world.seal({ namespace, name: 'db', annotations }, { a: '1' });
    await world.apply(withTemplate(sealed, { type: 'kubernetes.io/service-account-token' }));
    await world.untilSynced(namespace, 'db', 'False');
    expect(await world.secret(namespace, 'db')).toBeUndefined();
  });
  it('hold binary values and a value of a megabyte whole', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const binary = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const large = 'x'.repeat(700_000);
    await world.apply(await world.seal({ namespace, name: 'db' }, { binary, large }));
    expect(textsOf(await world.untilItem(namespace, 'db', ['large', large]))).toEqual({ binary, large });
  });
  it('sealed whole, in the legacy spec.data, are opened too', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const pem = await (await fetch(`${world.controller.url}/v1/cert.pem`)).text();
    const { recipient } = await parseCertificate(pem);
    const whole = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ignored' },
      data: { a: btoa('old') },
    };
    const label = encryptionLabel('strict', namespace, 'db');
    const data = encodeBase64(await recipient.seal(encodeUtf8(JSON.stringify(whole)), label));
    await world.apply({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace },
      spec: { data, encryptedData: {} },
    });
    await world.untilItem(namespace, 'db', ['a', 'old']);
  });
});
