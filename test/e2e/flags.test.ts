import { X509Certificate } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import type { World } from '../support/world.ts';
import { it } from './it.ts';
import { settle, settleSecrets } from './settle.ts';

const holder = useWorld();

/** Applies a sealed `db` with one item in a namespace. */
async function applied(world: World, namespace: string, metadata: ApiObject['metadata'] = {}): Promise<void> {
  const sealed = await world.seal({ namespace, name: 'db' }, { password: 's3cret' });
  await world.apply({ ...sealed, metadata: { ...sealed.metadata, ...metadata } });
}

describe('flags that say what is watched', () => {
  it('--all-namespaces=false: only its own namespace', async () => {
    const { world } = holder;
    await world.restart('--all-namespaces=false');
    const other = await world.namespace();
    await applied(world, other);
    await applied(world, world.home);
    await world.untilItem(world.home, 'db', ['password', 's3cret']);
    await settle(world, world.home);
    expect(await world.secret(other, 'db')).toBeUndefined();
  });
  it('--additional-namespaces: those too', async () => {
    const { world } = holder;
    const [first, other] = [await world.namespace(), await world.namespace()];
    await world.restart(`--additional-namespaces=${first}`);
    await applied(world, first);
    await applied(world, other);
    await world.untilItem(first, 'db', ['password', 's3cret']);
    await settle(world, first);
    expect(await world.secret(other, 'db')).toBeUndefined();
  });
  it('--additional-namespaces: also one that is made later', async () => {
    const { world } = holder;
    const later = uniqueName('later');
    await world.restart(`--additional-namespaces=${later}`);
    await world.client.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: later },
    });
    await applied(world, later);
    await world.untilItem(later, 'db', ['password', 's3cret']);
  });
  it('--label-selector: only SealedSecrets with the label', async () => {
    const { world } = holder;
    await world.restart('--label-selector=team=a');
    const [mine, other] = [await world.namespace(), await world.namespace()];
    await applied(world, other, { labels: { team: 'b' } });
    await applied(world, mine, { labels: { team: 'a' } });
    await world.untilItem(mine, 'db', ['password', 's3cret']);
    await settle(world, mine, { team: 'a' });
    expect(await world.secret(other, 'db')).toBeUndefined();
  });
  it('--label-selector: makes a deleted Secret again only if the Secret has the label too', async () => {
    const { world } = holder;
    await world.restart('--label-selector=team=a');
    const labels = { team: 'a' };
    const [labelled, bare] = [await world.namespace(), await world.namespace()];
    const sealed = await world.seal({ namespace: labelled, name: 'db', labels }, { password: 's3cret' });
    await world.apply({ ...sealed, metadata: { ...sealed.metadata, labels } });
    await applied(world, bare, { labels });
    for (const namespace of [bare, labelled]) await world.untilSynced(namespace, 'db', 'True');
    for (const namespace of [bare, labelled])
      await world.client.delete(`/api/v1/namespaces/${namespace}/secrets/db`);
    await world.untilItem(labelled, 'db', ['password', 's3cret']);
    await settle(world, labelled, labels);
    expect(await world.secret(bare, 'db')).toBeUndefined();
  });
});

describe('flags that say what is done', () => {
  it('--update-status=false: makes the Secret and writes no status', async () => {
    const { world } = holder;
    await world.restart('--update-status=false');
    const namespace = await world.namespace();
    await applied(world, namespace);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await settle(world, namespace);
    expect(await world.sealedSecret(namespace, 'db')).not.toHaveProperty('status');
  });
  it('--skip-recreate: does not see that a Secret was deleted', async () => {
    const { world } = holder;
    await world.restart('--skip-recreate');
    const namespace = await world.namespace();
    await applied(world, namespace);
    await world.untilSynced(namespace, 'db', 'True');
    await world.client.delete(`/api/v1/namespaces/${namespace}/secrets/db`);
    await settle(world, namespace);
    expect(await world.secret(namespace, 'db')).toBeUndefined();
  });
  it('--drift-policy=off: leaves a Secret that was edited, and makes a deleted one again', async () => {
    const { world } = holder;
    await world.restart('--drift-policy=off');
    const namespace = await world.namespace();
    await applied(world, namespace);
    await world.untilSynced(namespace, 'db', 'True');
    const path = `/api/v1/namespaces/${namespace}/secrets/db`;
    await world.client.patch(path, 'merge', { data: { password: btoa('edited') } });
    await settleSecrets(world, namespace);
    expect(textsOf(await world.secret(namespace, 'db'))).toEqual({ password: 'edited' });
    await world.client.delete(path);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
  });
  it('--old-gc-behavior: deletes the Secret with its SealedSecret', async () => {
    const { world } = holder;
    const { apiServer } = world.cluster as Partial<EmbeddedCluster>;
    apiServer?.setGarbageCollection(false);
    await world.restart('--old-gc-behavior');
    const namespace = await world.namespace();
    await applied(world, namespace);
    await world.untilItem(namespace, 'db', ['password', 's3cret']);
    await world.client.delete(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`);
    await eventually('no Secret', async () => ((await world.secret(namespace, 'db')) ? undefined : true));
    apiServer?.setGarbageCollection(true);
  });
  it('--metrics-omit-secret-labels: shows no conditions', async () => {
    const { world } = holder;
    await world.restart('--metrics-omit-secret-labels');
    const namespace = await world.namespace();
    await applied(world, namespace);
    await world.untilSynced(namespace, 'db', 'True');
    expect(await world.metrics()).not.toContain('condition="Synced"');
  });
  it('--log-format=json', async () => {
    const { world } = holder;
    await world.restart('--log-format=json');
    const lines = (await world.controller.logs()).trim().split('\n');
    const words = expect.any(String);
    const [first] = lines.map((line) => JSON.parse(line));
    expect(first).toMatchObject({ time: words, level: 'INFO', msg: words });
  });
});

describe('flags that say how keys are made', () => {
  it('--my-cn, --key-ttl, --privatekey-labels, --privatekey-annotations, --key-prefix, SIGUSR1', async () => {
    const { world } = holder;
    await world.restart(
      '--my-cn=me',
      '--key-ttl=48h',
      '--key-prefix=mine-',
      '--privatekey-labels=team=a',
      '--privatekey-annotations=note=x',
    );
    const before = await world.keySecrets();
    await world.controller.signal('SIGUSR1');
    const made = await eventually('another key', async () =>
      (await world.keySecrets()).find(({ metadata }) => metadata.name?.startsWith('mine-')),
    );
    expect(await world.keySecrets()).toHaveLength(before.length + 1);
    expect(made.metadata).toMatchObject({
      generateName: 'mine-',
      labels: { team: 'a' },
      annotations: { note: 'x' },
    });
    const certificate = new X509Certificate(
      Buffer.from(String((made['data'] as Record<string, string>)['tls.crt']), 'base64'),
    );
    expect(certificate.subject).toBe('CN=me');
    expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe(48 * 3_600_000);
  });
  it('--key-size: makes keys of so many bits', async () => {
    const { world } = holder;
    await world.restart('--key-size=3072');
    const before = await world.certificate();
    await new Promise((resolve) => setTimeout(resolve, 1000)); // certificates count in seconds
    await world.controller.signal('SIGUSR1');
    const made = await eventually('another certificate', async () => {
      const certificate = await world.certificate();
      return certificate === before ? undefined : new X509Certificate(certificate);
    });
    expect(made.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 3072 });
  });
  it('--key-renew-period: makes a key when the newest is as old', async () => {
    const { world } = holder;
    const before = (await world.keySecrets()).length;
    await world.restart('--key-renew-period=3s');
    await eventually('another key', async () =>
      (await world.keySecrets()).length > before ? true : undefined,
    );
    await world.restart('--key-renew-period=0');
    const after = (await world.keySecrets()).length;
    await settle(world, await world.namespace());
    expect(await world.keySecrets()).toHaveLength(after);
  });
  it('--key-cutoff-time: makes one key at start when the newest is older, and no more at the next start', async () => {
    const { world } = holder;
    await new Promise((resolve) => setTimeout(resolve, 1500)); // certificates count in seconds
    const cutoff = new Date().toUTCString().replace('GMT', '+0000');
    const before = (await world.keySecrets()).length;
    await world.restart(`--key-cutoff-time=${cutoff}`);
    await eventually('another key', async () =>
      (await world.keySecrets()).length > before ? true : undefined,
    );
    await world.restart(`--key-cutoff-time=${cutoff}`);
    await settle(world, await world.namespace());
    expect(await world.keySecrets()).toHaveLength(before + 1);
  });
});
