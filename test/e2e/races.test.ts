import { describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { isEmbedded, useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { settle } from './settle.ts';

const holder = useWorld();
const SEALED_SECRETS = '/apis/bitnami.com/v1alpha1';
/** Long enough for a controller that would act to have acted. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 700));

const withItems = (sealed: ApiObject, items: Record<string, string>): ApiObject => {
  const spec = sealed['spec'] as { encryptedData: Record<string, string> };
  return { ...sealed, spec: { ...spec, encryptedData: { ...spec.encryptedData, ...items } } };
};

async function reconcilesSoFar(): Promise<number> {
  const text = await holder.world.metrics();
  return Number(/^sealed_secrets_controller_unseal_requests_total (\d+)$/m.exec(text)?.[1]);
}

describe('a SealedSecret that is deleted', () => {
  it('leaves its Secret to the garbage collector', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
    await world.untilSynced(namespace, 'db', 'True');
    const { apiServer } = world.cluster as Partial<EmbeddedCluster>; // the real one has no collector here
    apiServer?.setGarbageCollection(false);
    await world.client.delete(`${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets/db`);
    await settle(world, namespace);
    expect(textsOf(await world.secret(namespace, 'db'))).toEqual({ a: '1' });
    apiServer?.setGarbageCollection(true);
  });
});

if (isEmbedded)
  describe('a Secret that changes between reading and writing', () => {
    it('is not written, but read again and written then', async () => {
      const { world } = holder;
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
      await world.untilSynced(namespace, 'db', 'True');
      const writing = { namespace, resource: 'secrets', verb: 'update' };
      const changed = Promise.withResolvers<void>();
      const undo = apiServer.faults.onRequest(writing, { action: 'hold', until: changed.promise }, 1);
      await world.apply(await world.seal({ namespace, name: 'db' }, { a: '2' }));
      await eventually('the write', async () => (apiServer.log.count(writing) > 0 ? true : undefined));
      const path = `/api/v1/namespaces/${namespace}/secrets/db`;
      await world.client.patch(path, 'merge', { metadata: { labels: { theirs: 'x' } } });
      changed.resolve();
      await world.untilItem(namespace, 'db', ['a', '2']);
      undo();
      const answers = apiServer.log.entries.filter(
        (entry) => entry.namespace === namespace && entry.resource === 'secrets' && entry.verb === 'update',
      );
      expect(answers.map(({ code }) => code)).toEqual([409, 200]);
    });
  });

if (isEmbedded)
  describe('reconciles of one object', () => {
    it('come one after the other, the last one over its last state', async () => {
      const { world } = holder;
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      const sealed: ApiObject[] = [];
      for (const a of ['1', '2', '3']) sealed.push(await world.seal({ namespace, name: 'db' }, { a }));
      const before = await reconcilesSoFar();
      const writes: string[] = [];
      let reconcilesMeanwhile = 0;
      const undo = apiServer.faults.onWrite(async ({ kind, namespace: of, type }) => {
        if (kind !== 'Secret' || of !== namespace || writes.push(type) > 1) return;
        // while the first reconcile waits for its answer
        for (const later of sealed.slice(1)) await world.apply(later);
        await aWhile();
        reconcilesMeanwhile = (await reconcilesSoFar()) - before - 1;
      });
      await world.apply(sealed[0] as ApiObject);
      await world.untilItem(namespace, 'db', ['a', '3']);
      undo();
      expect(reconcilesMeanwhile).toBe(0);
      expect(writes).toEqual(['ADDED', 'MODIFIED']); // the changes that came meanwhile share one reconcile
    });
  });

if (isEmbedded)
  describe('an object that is deleted during its reconcile', () => {
    it('gets no status, and neither does the next one of its name', async () => {
      const { world } = holder;
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      const sealed = await world.seal({ namespace, name: 'db' }, { a: '1' });
      const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
      let uid: string | undefined;
      const undo = apiServer.faults.onWrite(async ({ kind, namespace: of }) => {
        if (kind !== 'Secret' || of !== namespace || uid !== undefined) return;
        uid = ''; // one time only
        await world.client.delete(`${path}/db`);
        uid = (await world.client.create(path, withItems(sealed, { b: 'AgBy' }))).metadata.uid;
      });
      await world.apply(sealed);
      await world.untilSynced(namespace, 'db', 'False');
      undo();
      const statuses = apiServer.log.entries.filter(
        (entry) => entry.namespace === namespace && entry.subresource === 'status' && entry.code === 200,
      );
      expect(statuses).toHaveLength(1);
      expect((await world.sealedSecret(namespace, 'db')).metadata.uid).toBe(uid);
    });
    it('is not asked for again', async () => {
      const { world } = holder;
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/gone`;
      const undo = apiServer.faults.onWrite(async ({ kind, namespace: of }) => {
        if (kind === 'Secret' && of === namespace) await world.client.delete(path);
      });
      await world.apply(await world.seal({ namespace, name: 'gone' }, { a: '1' }));
      const statusWrites = () => apiServer.log.count({ namespace, subresource: 'status' });
      await eventually('the attempt', async () => (statusWrites() > 0 ? true : undefined));
      undo();
      await world.apply(await world.seal({ namespace, name: 'next' }, { a: '1' }));
      await world.untilSynced(namespace, 'next', 'True');
      expect(apiServer.log.count({ namespace, name: 'gone', subresource: 'status', code: 200 })).toBe(0);
      expect(await world.metrics()).toMatch(/^sealed_secrets_controller_queue_depth 0$/m);
    });
  });
