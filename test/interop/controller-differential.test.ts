import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeKey, type TestKey, testKey } from '../support/cluster/key-secret.ts';
import { eventuallyPasses } from '../support/time/eventually.ts';
import { peerProblem } from '../support/tools/peer.ts';
import type { Outcome } from './outcome.ts';
import { type Place, Scene } from './scene.ts';
import { type Side, startOurs, startUpstream } from './side.ts';
import { SITUATIONS } from './situations/all.ts';
import { Stage } from './stage.ts';

const problem = peerProblem();
const ARGS = ['--key-renew-period=0'];
/** Upstream's client allows 5 requests a second; several of them, each with a namespace of its own, are done sooner. */
const UPSTREAMS = 8;
const ROWS = SITUATIONS.map((situation, index) => ({ ...situation, index }));

describe.skipIf(problem !== undefined)(`the controller beside upstream's (${problem ?? 'both run'})`, () => {
  let stage: Stage;
  let key: TestKey;
  /** One of ours, then several of upstream's. */
  const places: Omit<Place, 'name'>[] = [];

  beforeAll(async () => {
    stage = await Stage.open();
    key = await testKey('a', 1);
    await open(startOurs, () => () => Promise.resolve(true));
    for (let count = 0; count < UPSTREAMS; count++) {
      await open(
        startUpstream,
        ({ logs }) =>
          async (line) =>
            (await logs()).includes(line),
      );
    }
  });
  afterAll(() => stage?.close());

  async function open(start: typeof startOurs, giveUp: (side: Side) => Place['hasGivenUp']): Promise<void> {
    const { certificatePem } = key;
    const [home, namespace] = [await stage.namespace('home'), await stage.namespace('work')];
    await storeKey(stage.client, home, { key, name: 'key' });
    const side = await stage.start(start, { home, watched: [namespace], args: ARGS });
    places.push({ namespace, certificatePem, hasGivenUp: giveUp(side) });
  }

  it('is compared in at least 60 situations with titles of their own', () => {
    expect(new Set(ROWS.map(({ title }) => title)).size).toBe(ROWS.length);
    expect(ROWS.length).toBeGreaterThanOrEqual(60);
  });

  it.concurrent.each(ROWS)('$title', async ({ index, play, differs }) => {
    const name = `s${index}`;
    const scene = (place: Omit<Place, 'name'> | undefined) => new Scene(stage, { ...(place as Place), name });
    const [our, their] = [scene(places[0]), scene(places[1 + (index % UPSTREAMS)])];
    await Promise.all([play(our), play(their)]);
    await eventuallyPasses(async () => {
      const [seen, upstreams] = await Promise.all([our.outcome(), their.outcome()]);
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
