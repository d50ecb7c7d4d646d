import { ANNOTATIONS } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import { type Condition, type Status, sealedPath, secretPath, syncedOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { World } from '../support/world.ts';
import { SAMPLES, sealSample } from './samples.ts';

const problem = peerProblem();
/** Upstream's client allows 5 requests a second, so not every sample. */
const KINDS = ['strict', 'namespace-wide', 'cluster-wide', 'metadata', 'empty', 'immutable', 'tls'];
const CHOSEN = SAMPLES.filter(({ name }) => KINDS.includes(name));
/**
 * Upstream sends null for an empty value, so it writes such a Secret at each restart, even when nothing
 * changed.
 */
const REWRITTEN = 'empty';
const managed = { [ANNOTATIONS.managed]: 'true' };
const patched = { [ANNOTATIONS.patch]: 'true' };

describe.skipIf(problem !== undefined)(
  `upstream, then ours, then upstream (${problem ?? 'both run'})`,
  () => {
    /** Three controllers of one namespace, of which one runs at a time. */
    let upstream: World;
    let ours: World;
    let oursWithUpstreamRights: World;
    let world: World;
    let namespace: string;
    /** Names of all SealedSecrets. */
    const names: string[] = [];

    const start = async (next: World) => {
      world = next;
      await world.start(`--additional-namespaces=${namespace}`);
    };
    const apply = async (sealed: ApiObject) => {
      names.push(String(sealed.metadata.name));
      await world.apply(sealed);
    };
    const statuses = async () => {
      const all = await Promise.all(names.map((name) => world.sealedSecret(namespace, name)));
      return new Map(all.map(({ metadata, ...rest }) => [metadata.name, rest['status'] as Status]));
    };
    /** Uid and version of every Secret: nothing was written when they are the same. */
    const versions = async (where: string) => {
      const { items } = await world.client.list(`/api/v1/namespaces/${where}/secrets`);
      return items.map(({ metadata }) => [metadata.name, metadata.uid, metadata.resourceVersion]);
    };
    const written = async () => ({ secrets: await versions(namespace), keys: await versions(world.home) });
    const events = async () => {
      const { items } = await world.client.list(`/api/v1/namespaces/${namespace}/events`);
      return items.map((event) => String(event['reason']));
    };
    /**
     * Status and message of the condition that dashboards read, by object, with the time when the status last
     * changed.
     */
    const synced = async () =>
      [...(await statuses())].map(([name, { conditions }]) => {
        const { status, message, lastTransitionTime } = { lastTransitionTime: '', ...syncedOf(conditions) };
        return [name, status, message, lastTransitionTime];
      });
    const untilEach = (what: string, isSo: (status?: Status) => boolean) =>
      eventually(what, async () => [...(await statuses()).values()].every(isSo) || undefined);
    /**
     * Our controller writes a status for each object that it took over, even when there is nothing else to
     * do.
     */
    const untilOursHasSeenAll = () =>
      untilEach('a status of ours for each object', ({ conditions = [], lastUnseal } = {}) => {
        const ready = conditions.find(({ type }) => type === 'Ready');
        const isAgreed = ready?.status === syncedOf(conditions)?.status;
        return isAgreed && (ready?.status === 'False' || lastUnseal !== undefined);
      });
    /** Upstream works one by one, so a marker that comes after the first look at each object comes last. */
    const untilUpstreamHasSeenAll = async () => {
      await eventually("upstream's look at each object", async () => {
        const logs = await world.controller.logs();
        return names.every((name) => logs.includes(`msg=Updating key=${namespace}/${name}`)) || undefined;
      });
      await apply(
        await sealTexts(await world.served(), { namespace, name: `marker-${names.length}` }, { a: '1' }),
      );
      await world.untilUnsealed(namespace, String(names.at(-1)));
    };

    beforeAll(async () => {
      upstream = await World.on(await startCluster(), { by: 'upstream', key: false });
      const { home } = upstream;
      ours = await upstream.beside({ home });
      oursWithUpstreamRights = await upstream.beside({ home, rights: 'upstream' });
      namespace = await upstream.namespace();
    });
    afterAll(() => upstream?.end());

    it("upstream's controller makes a key and Secrets of every kind", async () => {
      await start(upstream);
      const pem = await world.served();
      for (const sample of CHOSEN) await apply(await sealSample(pem, sample, namespace));
      const own = { app: 'theirs' };
      for (const [name, annotations] of [
        ['foreign', {}],
        ['managed', managed],
        ['patched', patched],
      ] as const) {
        const metadata = { name, namespace, annotations, labels: own };
        await world.apply({ apiVersion: 'v1', kind: 'Secret', metadata, data: { mine: btoa('x') } });
        await apply(await sealTexts(pem, { namespace, name }, { password: 's3cret' }));
      }
      const conf = await sealTexts(pem, { namespace, name: 'conf' }, { password: 's3cret' });
      const template = { metadata: { name: 'conf', namespace }, data: { ini: 'pw={{ .password | upper }}' } };
      await apply({ ...conf, spec: { ...(conf['spec'] as object), template } });
      const skip = { [ANNOTATIONS.skipSetOwnerReferences]: 'true', ...managed };
      await apply(await sealTexts(pem, { namespace, name: 'ownerless', annotations: skip }, { a: '1' }));
      await apply({
        ...(await sealTexts(pem, { namespace, name: 'elsewhere' }, { a: '1' })),
        ...renamed('moved'),
      });
      await untilEach(
        "upstream's word on each object",
        ({ observedGeneration } = {}) => observedGeneration === 1,
      );
      const failed = (await synced()).filter(([, status]) => status === 'False').map(([name]) => name);
      expect(failed).toEqual(['foreign', 'moved']);
      expect(await world.keySecrets()).toHaveLength(1);
    });

    it('ours takes over under its own rights: no Secret is written, no key made, each status means the same', async () => {
      const before = { world: await written(), synced: await synced() };
      await world.stop();
      await start(ours);
      await untilOursHasSeenAll();
      expect({ world: await written(), synced: await synced() }).toEqual(before);
      expect(await events()).not.toContain('DriftDetected');
    });

    it('ours comes back after a restart and writes nothing at all', async () => {
      const objects = () => Promise.all(names.map((name) => world.client.get(sealedPath(namespace, name))));
      const before = [await written(), await objects()];
      await world.stop();
      await start(ours);
      await apply(await sealTexts(await world.served(), { namespace, name: 'after-restart' }, { a: '1' }));
      await world.untilUnsealed(namespace, 'after-restart');
      names.pop();
      await world.client.delete(sealedPath(namespace, 'after-restart'));
      await world.client.delete(secretPath(namespace, 'after-restart'));
      expect([await written(), await objects()]).toEqual(before);
    });

    it('ours makes a further key and, with it, new Secrets', async () => {
      const before = await world.served();
      await new Promise((resolve) => setTimeout(resolve, 1000)); // certificates count in seconds
      await world.controller.signal('SIGUSR1');
      await eventually('a new certificate', async () =>
        (await world.served()) === before ? undefined : true,
      );
      const pem = await world.served();
      for (const sample of CHOSEN.slice(0, 4)) {
        await apply(await sealSample(pem, { ...sample, name: `new-${sample.name}` }, namespace));
      }
      await world.apply(await sealTexts(pem, { namespace, name: 'moved' }, { a: 'moved' })); // mended
      await world.apply(await sealTexts(pem, { namespace, name: 'managed' }, { password: 'changed' }));
      await untilOursHasSeenAll();
      await world.untilUnsealed(namespace, 'moved');
      await world.untilUnsealed(namespace, 'managed');
      expect(await world.keySecrets()).toHaveLength(2);
    });

    it("upstream's takes back over: it serves the key that ours made and writes no Secret", async () => {
      const { secrets: ours, ...rest } = await written();
      const before = {
        certificate: await world.served(),
        world: { ...rest, secrets: ours.filter(([name]) => name !== REWRITTEN) },
        synced: await synced(),
      };
      await world.stop();
      await start(upstream);
      const count = names.length;
      await untilUpstreamHasSeenAll();
      const { secrets, keys } = await written();
      const after = {
        certificate: await world.served(),
        world: { keys, secrets: secrets.filter(([name]) => name !== names.at(-1) && name !== REWRITTEN) },
        synced: (await synced()).slice(0, count),
      };
      expect(after).toEqual(before);
    });

    it("upstream's goes on with objects that ours handled: changed, broken, mended, deleted", async () => {
      const pem = await world.served();
      await world.apply(await sealTexts(pem, { namespace, name: 'strict' }, { password: 'again' }));
      await world.untilUnsealed(namespace, 'strict');
      const broken = { encryptedData: { password: 'AgBy' } };
      await world.client.patch(sealedPath(namespace, 'new-strict'), 'merge', { spec: broken });
      const { conditions } = await world.untilObserved(namespace, 'new-strict');
      expect(syncedOf(conditions)).toMatchObject({
        status: 'False',
        message: 'no key could decrypt secret (password)',
      });
      await world.client.delete(secretPath(namespace, 'moved'));
      const again = await eventually('the Secret moved', () => world.secret(namespace, 'moved'));
      expect(again['data']).toEqual({ a: btoa('moved') });
    });

    it('ours takes over again with nothing but its image swapped, under the rights of upstream', async () => {
      const before = await written();
      await world.stop();
      await start(oursWithUpstreamRights);
      await untilOursHasSeenAll(); // upstream does not know Ready: it stays behind until ours is back
      expect(await written()).toEqual(before);
      const { conditions } = (await statuses()).get('new-strict') ?? {};
      expect(conditions).toMatchObject([
        { type: 'Synced', status: 'False', reason: 'MalformedValue' },
        { type: 'Ready', status: 'False', reason: 'MalformedValue' },
      ] satisfies Partial<Condition>[]);
      await world.apply(
        await sealTexts(await world.served(), { namespace, name: 'new-strict' }, { password: 'mended' }),
      );
      expect((await world.untilUnsealed(namespace, 'new-strict'))['data']).toEqual({
        password: btoa('mended'),
      });
      expect(await world.keySecrets()).toHaveLength(2);
    });

    function renamed(name: string): { metadata: ApiObject['metadata'] } {
      return { metadata: { name, namespace } };
    }
  },
);
