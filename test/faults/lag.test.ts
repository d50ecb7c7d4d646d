import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene, textsOf } from '../support/faults/scene.ts';
import { Stage } from '../support/faults/stage.ts';
import { endStateOf } from './end-state.ts';

const OLD = { text: 'old' };
const NEW = { text: 'new' };

async function settleDown(scene: Scene): Promise<void> {
  for (const name of ['changed', 'deleted', 'remade']) {
    await scene.sealAndApply(name, { texts: OLD });
    await scene.untilInLine(name, OLD);
  }
}

async function moveOn(scene: Scene): Promise<void> {
  await scene.sealAndApply('changed', { texts: NEW });
  await scene.sealAndApply('added', { texts: NEW });
  await scene.deleteSealedSecret('deleted');
  await scene.deleteSealedSecret('remade');
  await scene.untilGone('remade');
  await scene.sealAndApply('remade', { texts: NEW });
}

async function untilSettled(scene: Scene): Promise<void> {
  for (const name of ['changed', 'added', 'remade']) await scene.untilInLine(name, NEW);
  await scene.untilGone('deleted');
}

/** What the controller writes into Secrets from now on. */
function textsWritten(scene: Scene): readonly string[] {
  const { cluster, user } = scene.stage as Stage<EmbeddedCluster>;
  const texts: string[] = [];
  cluster.apiServer.faults.onWrite(async ({ kind, namespace, name, request }) => {
    if (kind !== 'Secret' || namespace !== scene.namespace || request.user !== user) return;
    texts.push(...Object.values(textsOf(await scene.secret(name))));
  });
  return texts;
}

async function faultless(stage: Stage): Promise<unknown> {
  const scene = await Scene.on(stage);
  await settleDown(scene);
  await moveOn(scene);
  await untilSettled(scene);
  return endStateOf(scene);
}

describe('shown the past, the controller still ends in the present', () => {
  let stage: Stage<EmbeddedCluster>;
  let end: unknown;
  beforeAll(async () => {
    stage = await Stage.on(await startEmbeddedCluster());
    end = await faultless(stage);
  });
  beforeEach(() => stage.cluster.apiServer.faults.clear());
  afterAll(() => stage?.close());

  it.each([[['sealedsecrets']], [['secrets']], [['sealedsecrets', 'secrets']]])(
    'when it starts on a server whose lists of %j and all watches lag behind',
    async (resources) => {
      const { faults } = stage.cluster.apiServer;
      const scene = await Scene.on(stage);
      await settleDown(scene);
      for (const resource of resources) faults.staleLists(resource);
      await moveOn(scene);
      await untilSettled(scene);
      await stage.kill();
      const written = textsWritten(scene);
      faults.onWatchEvent({ namespace: scene.namespace }, { action: 'delay', delayMs: 100 });
      await stage.start();
      const late = await Scene.on(stage);
      await late.sealAndApply('late', { texts: NEW });
      await late.untilInLine('late', NEW); // by then it has seen all that came before
      faults.clear(); // our own lists are stale too
      await untilSettled(scene);
      expect(await endStateOf(scene)).toEqual(end);
      expect(written, 'an old value came back').not.toContain(OLD.text);
    },
  );

  it('when its server is replaced by one that lags behind for a while', async () => {
    const { apiServer } = stage.cluster;
    const scene = await Scene.on(stage);
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
      apiServer.log.entries.slice(from).filter(({ verb, user }) => verb === 'list' && user === stage.user);
    await expect.poll(() => lists().length).toBeGreaterThan(3); // three informers, which ask again before they believe a list from the past
    apiServer.faults.clear();
    const late = await Scene.on(stage);
    await late.sealAndApply('late', { texts: NEW });
    await late.untilInLine('late', NEW);
    await untilSettled(scene);
    expect(await endStateOf(scene)).toEqual(end);
    expect(written, 'an old value came back').not.toContain(OLD.text);
  });
});
