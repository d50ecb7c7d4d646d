import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { textsOf } from '../support/objects.ts';
import { Scene } from '../support/scene.ts';
import { World } from '../support/world.ts';
import { endStateOf } from './end-state.ts';

const OLD = { text: 'old' };
const NEW = { text: 'new' };

async function settleDown(scene: Scene): Promise<void> {
  for (const name of ['changed', 'deleted', 'remade']) {
    await scene.named(name).sealAndApply(OLD);
    await scene.named(name).untilInSync(OLD);
  }
}

async function moveOn(scene: Scene): Promise<void> {
  await scene.named('changed').sealAndApply(NEW);
  await scene.named('added').sealAndApply(NEW);
  await scene.named('deleted').deleteSealedSecret();
  const remade = scene.named('remade');
  await remade.deleteSealedSecret();
  await remade.untilGone();
  await remade.sealAndApply(NEW);
}

async function untilSettled(scene: Scene): Promise<void> {
  for (const name of ['changed', 'added', 'remade']) await scene.named(name).untilInSync(NEW);
  await scene.named('deleted').untilGone();
}

/** What the controller writes into Secrets from now on. */
function textsWritten(scene: Scene): readonly string[] {
  const { cluster, user } = scene.world as World<EmbeddedCluster>;
  const texts: string[] = [];
  cluster.apiServer.faults.onWrite(async ({ kind, namespace, name, request }) => {
    if (kind !== 'Secret' || namespace !== scene.namespace || request.user !== user) return;
    texts.push(...Object.values(textsOf(await scene.named(name).secret())));
  });
  return texts;
}

async function faultless(world: World): Promise<unknown> {
  const scene = await Scene.of(world);
  await settleDown(scene);
  await moveOn(scene);
  await untilSettled(scene);
  return endStateOf(scene);
}

describe('shown the past, the controller still ends in the present', () => {
  let world: World<EmbeddedCluster>;
  let end: unknown;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster());
    end = await faultless(world);
  });
  beforeEach(() => world.cluster.apiServer.faults.clear());
  afterAll(() => world?.close());

  it.each([[['sealedsecrets']], [['secrets']], [['sealedsecrets', 'secrets']]])(
    'when it starts on a server whose lists of %j and all watches lag behind',
    async (resources) => {
      const { faults } = world.cluster.apiServer;
      const scene = await Scene.of(world);
      await settleDown(scene);
      for (const resource of resources) faults.staleLists(resource);
      await moveOn(scene);
      await untilSettled(scene);
      await world.kill();
      const written = textsWritten(scene);
      faults.onWatchEvent({ namespace: scene.namespace }, { action: 'delay', delayMs: 100 });
      await world.start();
      const late = await Scene.of(world);
      await late.sealAndApply(NEW);
      await late.untilInSync(NEW); // by then it has seen all that came before
      faults.clear(); // our own lists are stale too
      await untilSettled(scene);
      expect(await endStateOf(scene)).toEqual(end);
      expect(written, 'an old value came back').not.toContain(OLD.text);
    },
  );

  it('when its server is replaced by one that lags behind for a while', async () => {
    const { apiServer } = world.cluster;
    const scene = await Scene.of(world);
    await settleDown(scene);
    apiServer.faults.staleLists('sealedsecrets');
    apiServer.faults.staleLists('secrets');
    await moveOn(scene);
    await untilSettled(scene);
    const from = apiServer.log.entries.length;
    const written = textsWritten(scene);
    apiServer.compact();
    apiServer.resetConnections();
    const lists = () =>
      apiServer.log.entries.slice(from).filter(({ verb, user }) => verb === 'list' && user === world.user);
    // three informers, which ask again before they believe a list from the past
    await expect.poll(() => lists().length).toBeGreaterThan(3);
    apiServer.faults.clear();
    const late = await Scene.of(world);
    await late.sealAndApply(NEW);
    await late.untilInSync(NEW);
    await untilSettled(scene);
    expect(await endStateOf(scene)).toEqual(end);
    expect(written, 'an old value came back').not.toContain(OLD.text);
  });
});
