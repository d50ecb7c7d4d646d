import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { World } from '../support/world.ts';
import { Load } from './load.ts';

const OBJECTS = 40;

type Server = EmbeddedCluster['apiServer'];

/** What happens to the server while the load is played. */
const OUTAGES: readonly [string, (server: Server) => Promise<void>][] = [
  ['restarts', (server) => server.restart(100)],
  ['resets every connection', async (server) => server.resetConnections()],
  ['ends every watch', async (server) => server.closeWatches()],
  ['forgets its past and says so in events', (server) => forgetPast(server, 'event')],
  ['forgets its past and says so by status', (server) => forgetPast(server, 'status')],
  ['falls silent on open connections', fallSilent],
  ['restarts with its past forgotten', restartEmptyHeaded],
];

async function restartEmptyHeaded(server: Server): Promise<void> {
  server.compact();
  await server.restart(50);
}

async function forgetPast(server: Server, expiredWatch: 'event' | 'status'): Promise<void> {
  server.faults.expiredWatch = expiredWatch;
  server.compact();
  server.closeWatches();
}

/** Like a machine that lost its power: once it is back, its peers learn that the connections are gone. */
async function fallSilent(server: Server): Promise<void> {
  server.faults.isHalfOpen = true;
  await sleep(100);
  server.faults.isHalfOpen = false;
  server.resetConnections();
}

describe('again and again under load, the API server', () => {
  let world: World<EmbeddedCluster>;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster());
  });
  beforeEach(() => world.cluster.apiServer.faults.clear());
  afterAll(() => world?.close());

  it.each(OUTAGES)('%s, and nothing is lost', async (_what, breakServer) => {
    const load = await Load.prepare(await Scene.of(world), OBJECTS);
    const playing = load.play();
    let isPlayed = false;
    void playing.finally(() => {
      isPlayed = true;
    });
    do {
      await breakServer(world.cluster.apiServer);
      await sleep(100);
    } while (!isPlayed);
    await playing;
    await load.untilInSync();
  });
});
