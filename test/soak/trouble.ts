import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer, RequestFault } from '../apiserver/src/index.ts';
import { pick } from '../support/repository/random.ts';
import type { SoakParts } from './load.ts';

const CALM_MS = 700;
const SPELL_MS = 400;

type Trouble = (server: ApiServer, user: string) => Promise<void> | void;

const requests = (fault: RequestFault): Trouble => {
  return async ({ faults }, user) => {
    const undo = faults.onRequest({ user }, fault);
    await sleep(SPELL_MS);
    undo();
  };
};
const events = (fault: Parameters<ApiServer['faults']['onWatchEvent']>[1], nth?: number): Trouble => {
  return async ({ faults }) => {
    const undo = faults.onWatchEvent(nth === undefined ? {} : { nth }, fault);
    await sleep(SPELL_MS);
    undo();
  };
};

const TROUBLES: readonly (readonly [number, readonly [string, Trouble]])[] = [
  [2, ['answers 409', requests({ action: 'answer', code: 409 })]],
  [2, ['answers 429', requests({ action: 'answer', code: 429 })]],
  [2, ['answers 500', requests({ action: 'answer', code: 500 })]],
  [2, ['answers 503', requests({ action: 'answer', code: 503 })]],
  [2, ['resets before the write', requests({ action: 'reset', when: 'before' })]],
  [2, ['resets after the write', requests({ action: 'reset', when: 'after' })]],
  [1, ['an event is lost', events({ action: 'drop' }, 3)]],
  [2, ['events come twice', events({ action: 'duplicate' })]],
  [2, ['events are swapped', events({ action: 'reorder' })]],
  [2, ['events are late', events({ action: 'delay', delayMs: 20 })]],
  [2, ['watches end', (server) => server.closeWatches()]],
  [2, ['connections are reset', (server) => server.resetConnections()]],
  [2, ['the past is forgotten', forgetPast]],
  [1, ['the server restarts', (server) => server.restart(150)]],
  [1, ['the server falls silent', fallSilent]],
];

function forgetPast(server: ApiServer): void {
  server.compact();
  server.closeWatches();
}

async function fallSilent(server: ApiServer): Promise<void> {
  server.faults.isHalfOpen = true;
  await sleep(SPELL_MS);
  server.faults.isHalfOpen = false;
  server.resetConnections();
}

/** Makes trouble until the end, and kills the controller at times until `lastKillAt`; returns both counts. */
export async function makeTrouble(
  { world, random, endsAt }: SoakParts,
  lastKillAt: number,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  for (let round = 1; Date.now() < endsAt; round += 1) {
    const [what, trouble] = pick(random, TROUBLES);
    await trouble(world.cluster.apiServer, world.user);
    count(what);
    if (round % 5 === 0 && Date.now() < lastKillAt) {
      await world.kill();
      await world.start();
      count('the controller is killed');
    }
    await sleep(CALM_MS * (0.5 + random()));
  }
  world.cluster.apiServer.faults.clear();
  return counts;
}
