import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestFault, RequestMatch } from '../apiserver/src/index.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { World } from '../support/world.ts';
import { type EndState, endStateOf } from './end-state.ts';
import { playAll } from './play-all.ts';
import { playFailing, playLogged } from './request-run.ts';
import { PLAYED } from './scenes.ts';

const isFull = process.env['FUIN_FAULTS'] === 'full';
/** Plays mostly wait. */
const AT_ONCE = 24;
/** Each is a process that starts. */
const STARTS_AT_ONCE = 6;
const ARGS = [
  '--api-request-timeout=1s',
  '--api-silence-timeout=2s',
  '--resync-period=5s',
  '--leader-elect-lease-duration=6s',
];
const HANGS: readonly RequestFault[] = [
  { action: 'hang', when: 'before' },
  { action: 'hang', when: 'after' },
];

describe('one request is never answered, whichever it is, and the controller comes to the same end', () => {
  let world: World<EmbeddedCluster>;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster(), { args: ARGS });
  });
  beforeEach(() => world.cluster.apiServer.faults.clear());
  afterAll(() => world?.close());

  it.each(PLAYED)('when $title', async (scenario) => {
    const { end, points } = await playLogged(scenario, world);
    expect(points.length).toBeGreaterThan(2);
    const plays = points.flatMap((point) =>
      HANGS.map((fault) => () => playFailing(scenario, world, { point, fault, end })),
    );
    await playAll(plays, AT_ONCE);
  });
});

/** A kind of request that a start makes: of one namespace, the controller's own, or of all. */
type Kind = Required<Pick<RequestMatch, 'verb' | 'resource'>> & { readonly isHome: boolean };

/** Runs a controller without a key on a cluster of its own; returns how it ended and what it asked for. */
async function playStart(hang?: { readonly kind: Kind; readonly fault: RequestFault }) {
  const cluster = await startEmbeddedCluster({ bookmarkIntervalMs: 500 });
  const world = await World.on(cluster, { args: ARGS, key: false });
  try {
    const { faults, log } = cluster.apiServer;
    if (hang) {
      const { isHome, ...kind } = hang.kind;
      faults.onRequest({ ...kind, user: world.user, namespace: isHome ? world.home : '' }, hang.fault, 1);
    }
    await world.start();
    const scene = await Scene.of(world);
    await scene.sealAndApply({ a: '1' });
    await scene.untilInSync({ a: '1' });
    const asked = log.entries.filter(
      ({ user, namespace }) => user === world.user && namespace !== scene.namespace,
    );
    const kinds = asked.map(({ verb, resource, namespace }) => ({
      verb,
      resource,
      isHome: namespace === world.home,
    }));
    return { end: await endStateOf(scene), kinds: unique(kinds) };
  } finally {
    await world.close();
  }
}

function unique(kinds: readonly Kind[]): readonly Kind[] {
  return [...new Map(kinds.map((kind) => [JSON.stringify(kind), kind])).values()];
}

describe('one request of a start is never answered', () => {
  let faultless: { readonly end: EndState; readonly kinds: readonly Kind[] };
  beforeAll(async () => {
    faultless = await playStart();
  });

  it.each(isFull ? HANGS : HANGS.slice(1))('%j, whichever it is, and the end is the same', async (fault) => {
    const { end, kinds } = faultless;
    expect(kinds.length).toBeGreaterThan(7);
    const plays = kinds.map((kind) => async () => {
      const reached = await playStart({ kind, fault }).catch((error: Error) => error.message);
      expect(typeof reached === 'string' ? reached : reached.end, JSON.stringify(kind)).toEqual(end);
    });
    await playAll(plays, STARTS_AT_ONCE);
  });
});
