import { describe, expect } from 'vitest';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { isEmbedded, isUpstream, useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const holder = useWorld();

describe('the controller', () => {
  it('makes the Secret with owner reference, reports it in status and tells it in an event', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const applied = await world.apply(
      await world.seal({ namespace, name: 'db' }, { password: 's3cret', empty: '' }),
    );
    const secret = await world.untilItem(namespace, 'db', ['password', 's3cret']);
    expect(textsOf(secret)).toEqual({ password: 's3cret', empty: '' });
    expect(secret).toMatchObject({ type: 'Opaque' });
    expect(secret.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        name: 'db',
        uid: applied.metadata.uid,
        controller: true,
      },
    ]);
    const synced = await world.untilSynced(namespace, 'db', 'True');
    expect(synced).not.toHaveProperty('message');
    expect(await world.untilEvent(namespace, 'db', 'Unsealed')).toBe('SealedSecret unsealed successfully');
  });

  it('refuses a copy moved to another namespace and says why', async () => {
    const { world } = holder;
    const [blue, green] = [await world.namespace(), await world.namespace()];
    const sealed = await world.seal({ namespace: blue, name: 'db' }, { password: 's3cret' });
    await world.apply({ ...sealed, metadata: { ...sealed.metadata, namespace: green } });
    const { message } = await world.untilSynced(green, 'db', 'False');
    expect(message).toBe('no key could decrypt secret (password)');
    expect(await world.untilEvent(green, 'db', 'ErrUnsealFailed')).toBe(
      'Failed to unseal: no key could decrypt secret (password)',
    );
    expect(await world.secret(green, 'db')).toBeUndefined();
  });

  it('refuses a tampered value and keeps the Secret as it was', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'db' }, { password: 's3cret' });
    await world.apply(sealed);
    await world.untilSynced(namespace, 'db', 'True');
    const { encryptedData } = sealed['spec'] as { encryptedData: Record<string, string> };
    const bytes = Buffer.from(encryptedData['password'] ?? '', 'base64');
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    encryptedData['password'] = bytes.toString('base64');
    await world.apply(sealed);
    await world.untilSynced(namespace, 'db', 'False');
    expect(textsOf(await world.secret(namespace, 'db'))).toEqual({ password: 's3cret' });
  });

  it('follows updates: changed, added and removed items, labels, annotations', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(
      await world.seal({ namespace, name: 'app', labels: { a: '1' } }, { one: '1', two: '2' }),
    );
    await world.untilItem(namespace, 'app', ['two', '2']);
    await world.apply(
      await world.seal(
        { namespace, name: 'app', labels: { b: '2' }, annotations: { note: 'x' } },
        { one: '11', three: '3' },
      ),
    );
    const secret = await world.untilItem(namespace, 'app', ['three', '3']);
    expect(textsOf(secret)).toEqual({ one: '11', three: '3' });
    expect(secret.metadata).toMatchObject({ labels: { b: '2' }, annotations: { note: 'x' } });
    expect(secret.metadata.labels).not.toHaveProperty('a');
  });

  it('makes the Secret again when somebody deletes it', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    await world.untilSynced(namespace, 'db', 'True');
    await world.client.delete(`/api/v1/namespaces/${namespace}/secrets/db`);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
  });

  it('puts the Secret back when somebody edits it', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    await world.untilSynced(namespace, 'db', 'True');
    const path = `/api/v1/namespaces/${namespace}/secrets/db`;
    await world.client.patch(path, 'merge', { data: { password: btoa('hacked') } });
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    expect(await world.untilEvent(namespace, 'db', 'DriftDetected')).toContain('it is restored');
  });

  it('retries when only the scope annotation is corrected', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'db' }, { password: 's3cret' }, 'cluster-wide');
    await world.apply({ ...sealed, metadata: { name: 'db', namespace } });
    await world.untilSynced(namespace, 'db', 'False');
    await world.apply(sealed);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.untilSynced(namespace, 'db', 'True');
  });

  if (isEmbedded)
    it('makes a Secret of its own for a SealedSecret deleted and made anew', async () => {
      const { world } = holder;
      const namespace = await world.namespace();
      const sealed = await world.seal({ namespace, name: 'db' }, { password: 's3cret' });
      await world.apply(sealed);
      await world.untilSynced(namespace, 'db', 'True');
      await world.client.delete(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`);
      const { metadata } = await world.apply(sealed);
      await eventually('the new owner', async () => {
        const owner = (await world.secret(namespace, 'db'))?.metadata.ownerReferences?.[0];
        return owner?.uid === metadata.uid ? owner : undefined;
      });
      await world.untilSynced(namespace, 'db', 'True');
    });

  it('leaves a foreign Secret alone until it is marked as managed', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const secrets = `/api/v1/namespaces/${namespace}/secrets`;
    await world.client.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db' },
      stringData: { mine: 'x' },
    });
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    const { message } = await world.untilSynced(namespace, 'db', 'False');
    expect(message).toBe('failed update: Resource "db" already exists and is not managed by SealedSecret');
    expect(textsOf(await world.secret(namespace, 'db'))).toEqual({ mine: 'x' });
    const annotations = { 'sealedsecrets.bitnami.com/managed': 'true' };
    await world.client.patch(`${secrets}/db`, 'merge', { metadata: { annotations } });
    const taken = await world.untilItem(namespace, 'db', ['password', 's3cret']);
    expect(textsOf(taken)).toEqual({ password: 's3cret' });
  });

  it('renders templates over opened items', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'conf' }, { password: 's3cret' });
    const spec = sealed['spec'] as { template: Record<string, unknown> };
    spec.template = { ...spec.template, data: { 'app.ini': 'pw={{ .password | upper }}', plain: 'text' } };
    await world.apply(sealed);
    const secret = await world.untilItem(namespace, 'conf', ['app.ini', 'pw=S3CRET']);
    expect(textsOf(secret)).toEqual({ password: 's3cret', 'app.ini': 'pw=S3CRET', plain: 'text' });
  });

  it('ignores a key Secret with garbage in it', async () => {
    const { world } = holder;
    const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' };
    await world.client.create(`/api/v1/namespaces/${world.home}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'broken', labels },
      stringData: { 'tls.key': 'garbage', 'tls.crt': 'garbage' },
    });
    await world.untilEvent(world.home, 'broken', 'ErrKeyInvalid');
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
  });

  it('prints no value anywhere', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'leak' }, { password: 'canary-7f3a' });
    const spec = sealed['spec'] as { template: Record<string, unknown> };
    spec.template = {
      ...spec.template,
      data: { x: '{{ fail .password }}', y: '{{ .password | atoi | index 3 }}' },
    };
    await world.apply(sealed);
    const { message } = await world.untilSynced(namespace, 'leak', 'False');
    await world.untilEvent(namespace, 'leak', 'ErrUnsealFailed');
    const metrics = await (await fetch(`${world.controller.metricsUrl}/metrics`)).text();
    const events = JSON.stringify(await world.client.list(`/api/v1/namespaces/${namespace}/events`));
    const status = JSON.stringify(await world.sealedSecret(namespace, 'leak'));
    const everything = [metrics, events, status, await world.controller.logs()].join('\n');
    expect(everything).not.toContain('canary-7f3a');
    expect(message).toContain('the template called fail');
  });
});

describe('the life of the process', () => {
  it('comes to the same end state when it is killed in the middle', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const count = isUpstream ? 10 : 30; // its client allows itself 5 requests a second
    const names = Array.from({ length: count }, (_, index) => `s${index}`);
    const sealed = await Promise.all(names.map((name) => world.seal({ namespace, name }, { value: name })));
    const applying = Promise.all(sealed.map((each) => world.apply(each)));
    await eventually('the first Secret', () => world.secret(namespace, 's0'));
    await world.controller.kill();
    await applying;
    await world.start();
    for (const name of names) {
      await world.untilItem(namespace, name, ['value', name]);
      await world.untilSynced(namespace, name, 'True');
    }
  });

  it('writes nothing after a restart when everything is in sync, and makes no second key', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    await world.untilSynced(namespace, 'db', 'True');
    const before = [await world.secret(namespace, 'db'), await world.sealedSecret(namespace, 'db')];
    expect(await world.controller.stop()).toBe(0);
    await world.start();
    const marker = await world.namespace();
    await world.apply(await world.seal({ namespace: marker, name: 'db' }, { password: 'later' }));
    await world.untilSynced(marker, 'db', 'True');
    expect([await world.secret(namespace, 'db'), await world.sealedSecret(namespace, 'db')]).toEqual(before);
    const selector = 'labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active';
    const { items } = await world.client.list(`/api/v1/namespaces/${world.home}/secrets?${selector}`);
    expect(items.filter(({ type }) => type === 'kubernetes.io/tls')).toHaveLength(1);
  });

  it('makes a key at once on SIGUSR1, and opens what older keys sealed', async () => {
    const { world } = holder;
    const certificate = async () => (await fetch(`${world.controller.url}/v1/cert.pem`)).text();
    const before = await certificate();
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'db' }, { password: 's3cret' });
    await new Promise((resolve) => setTimeout(resolve, 1000)); // certificates count in seconds
    await world.controller.signal('SIGUSR1');
    await eventually('another certificate', async () =>
      (await certificate()) === before ? undefined : true,
    );
    await world.apply(sealed);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
  });

  it('stops with exit code 0 on SIGTERM', async () => {
    const { world } = holder;
    expect(await world.controller.stop()).toBe(0);
    await world.start();
  });
});
