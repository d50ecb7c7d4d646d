import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../support/cluster/cluster.ts';
import { Scene } from '../support/scene.ts';
import { eventuallyPasses } from '../support/time/eventually.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { World } from '../support/world.ts';
import { startWatching } from './both.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { SITUATIONS } from './situations/all.ts';

const problem = peerProblem();
const ARGS = ['--key-renew-period=0'];
/**
 * Upstream's client sends 5 requests a second. Several controllers, each with a namespace of its own, are
 * faster.
 */
const UPSTREAMS = 8;
const ROWS = SITUATIONS.map((situation, index) => ({ ...situation, index }));

describe.skipIf(problem !== undefined)(`the controller beside upstream's (${problem ?? 'both run'})`, () => {
  let ours: World;
  /** One of ours, then several of upstream's, and where each works. */
  const places: { world: World; namespace: string }[] = [];

  beforeAll(async () => {
    ours = await World.on(await startCluster(), { args: ARGS });
    const upstreams = Array.from({ length: UPSTREAMS }, () => ours.beside({ by: 'upstream', args: ARGS }));
    for (const world of [ours, ...(await Promise.all(upstreams))])
      places.push({ world, namespace: await startWatching(world) });
  });
  afterAll(() => ours?.end());

  it('is compared in at least 60 situations with titles of their own', () => {
    expect(new Set(ROWS.map(({ title }) => title)).size).toBe(ROWS.length);
    expect(ROWS.length).toBeGreaterThanOrEqual(60);
  });

  it.concurrent.each(ROWS)('$title', async ({ index, play, differs }) => {
    const name = `s${index}`;
    const sceneAt = (place = 0) => {
      const { world, namespace } = places[place] ?? places[0] ?? expect.fail('there is no place');
      return new Scene(world, namespace, name);
    };
    const [our, their] = [sceneAt(), sceneAt(1 + (index % UPSTREAMS))];
    await Promise.all([play(our), play(their)]);
    await eventuallyPasses(async () => {
      const [seen, upstreams] = await Promise.all([readOutcome(our), readOutcome(their)]);
      expect(isTold(upstreams)).toBe(true);
      const expected = differs ? { ...upstreams, ...named(differs.ours, name) } : upstreams;
      expect(seen).toEqual(expected);
      if (differs) expect(upstreams, `no difference any more: ${differs.why}`).not.toEqual(expected);
    });
  });
});

/** Events come a moment after what they tell of. */
function isTold({ synced, events }: Outcome): boolean {
  const type = synced?.status === 'False' ? 'Warning' : 'Normal';
  return synced === undefined || events.some((event) => event.startsWith(type));
}

/** Situations do not know what their object is called. */
function named(outcome: Partial<Outcome>, name: string): Partial<Outcome> {
  const text = JSON.stringify(outcome).replaceAll('NAME!', name);
  return { ...outcome, ...JSON.parse(text) }; // the spread keeps a secret that must not be there
}
