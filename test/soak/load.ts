import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { pick } from '../support/repository/random.ts';
import type { World } from '../support/world.ts';
import type { Subject } from './subject.ts';

const PAUSE_MS = 30;
const MAX_KEYS = 8;

/** What a soak is played with. */
export interface SoakParts {
  readonly world: World<EmbeddedCluster>;
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

type Act = (subject: Subject, certificate: string) => Promise<void>;

const ACTS: readonly (readonly [number, readonly [string, Act]])[] = [
  [45, ['change', (subject, certificate) => subject.seal(certificate)]],
  [20, ['corrupt', (subject) => subject.corrupt()]],
  [12, ['delete Secret', (subject) => subject.removeSecret()]],
  [12, ['delete', (subject) => subject.remove()]],
  [8, ['tamper', (subject, certificate) => subject.breakSealing(certificate)]],
];

/** Does one thing after another to subjects chosen at random; returns how often each. */
export async function playLoad(
  { world, random, endsAt }: SoakParts,
  subjects: readonly Subject[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let certificate = await world.certificate();
  for (let step = 1; Date.now() < endsAt; step += 1) {
    const subject = subjects[Math.floor(random() * subjects.length)];
    if (!subject) throw new Error('there are no subjects');
    const [what, act] = subject.isSealed
      ? pick(random, ACTS)
      : (['create', (each: Subject) => each.seal(certificate)] as const);
    await act(subject, certificate);
    counts[what] = (counts[what] ?? 0) + 1;
    if (step % 200 === 0) certificate = await rotate(world, counts, certificate);
    await sleep(PAUSE_MS);
  }
  return counts;
}

/** Orders a key; what is sealed from now on is sealed with the newest that is served. */
async function rotate(
  world: World<EmbeddedCluster>,
  counts: Record<string, number>,
  certificate: string,
): Promise<string> {
  const rotations = counts['rotate'] ?? 0;
  try {
    if (rotations < MAX_KEYS) {
      await world.controller.signal('SIGUSR1');
      counts['rotate'] = rotations + 1;
    }
    const answer = await fetch(`${world.controller.url}/v1/cert.pem`);
    return answer.ok ? await answer.text() : certificate;
  } catch {
    return certificate; // it is being killed or started
  }
}
