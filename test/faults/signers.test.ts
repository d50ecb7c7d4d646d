import { rename, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { statusOf } from '../support/objects.ts';
import { Scene } from '../support/scene.ts';
import { SshKeys } from '../support/ssh-keys.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';

const OBJECTS = 500;

describe('the list of signers changes, and many objects depend on it', () => {
  const keys = new SshKeys();
  for (const name of ['ann', 'eve', 'joe']) keys.make(name);
  const list = keys.path('allowed_signers');
  /** As a ConfigMap changes: at once. */
  const allow = async (...names: readonly string[]) => {
    await writeFile(`${list}.new`, names.map((name) => keys.line(name)).join(''));
    await rename(`${list}.new`, list);
  };
  let world: World<EmbeddedCluster>;
  let scene: Scene<EmbeddedCluster>;
  beforeAll(async () => {
    await allow('ann');
    const args = ['--require-signer=enforce', `--allowed-signers=${list}`];
    world = await World.running(await startEmbeddedCluster(), { args });
    scene = await Scene.of(world);
    for (let at = 0; at < OBJECTS; at += 1) {
      const each = scene.named(`s${at}`);
      await each.apply(await keys.sign('ann', await each.seal({ password: 's3cret' })));
    }
    await untilAll('True');
  });
  afterAll(async () => {
    await world?.close();
    keys.delete();
  });

  const signersRead = async () => Number(/_allowed_signers (\d+)$/m.exec(await world.metrics())?.[1]);
  const path = () => `/apis/bitnami.com/v1alpha1/namespaces/${scene.namespace}/sealedsecrets`;
  /** All objects say this, and nothing waits. */
  const untilAll = (status: string) =>
    eventually(`${OBJECTS} times Ready ${status}`, async () => {
      const { items } = await world.client.list(path());
      const are = items.filter((item) =>
        statusOf(item).conditions?.some((each) => each.type === 'Ready' && each.status === status),
      );
      if (are.length < OBJECTS) return undefined;
      return /_queue_depth 0$/m.test(await world.metrics()) || undefined;
    });
  /** What the controller writes because of a change. */
  async function writesOf(change: () => Promise<void>) {
    const { log } = world.cluster.apiServer;
    const from = log.entries.length;
    await change();
    const own = log.entries.slice(from).filter(({ user, method }) => user === world.user && method !== 'GET');
    const statuses = own.filter(({ subresource }) => subresource === 'status').map(({ name }) => name);
    const secrets = own.filter(({ resource }) => resource === 'secrets');
    const opened = own.filter(({ resource }) => resource === 'sealedsecrets').length - statuses.length;
    return { statuses: statuses.length, objects: new Set(statuses).size, secrets: secrets.length, opened };
  }
  const ONCE_EACH = { statuses: OBJECTS, objects: OBJECTS, secrets: 0, opened: 0 };
  const NOTHING = { statuses: 0, objects: 0, secrets: 0, opened: 0 };

  it('writes each status once where it takes their signer away', async () => {
    const writes = await writesOf(async () => {
      await allow('eve');
      await untilAll('False');
    });
    expect(writes).toEqual(ONCE_EACH);
  });
  it('writes nothing again where another change leaves them as they are', async () => {
    const writes = await writesOf(async () => {
      await allow('eve', 'joe');
      await eventually('two signers', async () => (await signersRead()) === 2 || undefined);
      await untilAll('False');
    });
    expect(writes).toEqual(NOTHING);
  });
  it('writes each status once where it gives their signer back, and no Secret', async () => {
    const writes = await writesOf(async () => {
      await allow('ann', 'eve');
      await untilAll('True');
    });
    expect(writes).toEqual(ONCE_EACH);
  });
});
