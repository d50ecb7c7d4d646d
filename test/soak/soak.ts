import { startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { seededRandom } from '../support/repository/random.ts';
import { Scene } from '../support/scene.ts';
import { World } from '../support/world.ts';
import { playLoad, type SoakParts } from './load.ts';
import { sampleMemory, slopeOf } from './memory.ts';
import { Subject } from './subject.ts';
import { makeTrouble } from './trouble.ts';

/**
 * `node test/soak/soak.ts [seconds]`: mixed load on the real controller while the server is in trouble of
 * every kind. Exit code 1 when anything was lost or wrong, or memory grew. FUIN_SOAK_SEED repeats the choices
 * of a run.
 */
const DEFAULT_SECONDS = 600;
const SCENES = 4;
const SUBJECTS_PER_SCENE = 30;
const MAX_MEBIBYTES = 300;
/** Judged in long runs only: in short ones the heap is still finding its size. */
const MAX_SLOPE = 5;
const MIN_JUDGED_SECONDS = 300;
/**
 * The controller is killed in the first part only: memory is measured over one life, after it has warmed up.
 */
const KILLS_SHARE = 0.3;
const WARM_UP_SHARE = 0.5;

const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS);
const seed = Number(process.env['FUIN_SOAK_SEED'] ?? Date.now() % 1_000_000);
process.exitCode = await soak();

async function soak(): Promise<number> {
  print(`soaking for ${seconds} s, FUIN_SOAK_SEED=${seed}`);
  // an event that is really lost is found by a comparison alone
  const world = await World.running(await startEmbeddedCluster(), { args: ['--resync-period=5s'] });
  try {
    const subjects = await makeSubjects(world);
    const wrong = watchForWrong(world, subjects);
    const startedAt = Date.now();
    const at = (share: number): number => startedAt + share * seconds * 1000;
    const parts: SoakParts = { world, random: seededRandom(seed), endsAt: at(1) };
    const [load, trouble, memory] = await Promise.all([
      playLoad(parts, subjects),
      makeTrouble({ ...parts, random: seededRandom(seed + 1) }, at(KILLS_SHARE)),
      sampleMemory(parts, at(WARM_UP_SHARE)),
    ]);
    const requests = world.cluster.apiServer.log.entries.filter(({ user }) => user === world.user).length;
    const lost = await findLost(subjects);
    for (const subject of subjects) await wrong.check(subject);
    print(`load: ${JSON.stringify(load)}`);
    print(`trouble: ${JSON.stringify(trouble)}`);
    print(
      `keys: ${(await world.keySecrets()).length}, requests of the controller (at most the last 200,000): ${requests}`,
    );
    for (const each of lost) print(`LOST: ${each}`);
    for (const each of wrong.found) print(`WRONG: ${each}`);
    print(`lost: ${lost.length}, wrong: ${wrong.found.size} of ${wrong.count()} writes`);
    const isFlat = judgeMemory(memory);
    return lost.length === 0 && wrong.found.size === 0 && isFlat ? 0 : 1;
  } finally {
    await world.close();
  }
}

async function makeSubjects(world: World): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (let count = 0; count < SCENES; count += 1) {
    const scene = await Scene.of(world);
    for (let each = 0; each < SUBJECTS_PER_SCENE; each += 1)
      subjects.push(new Subject(scene.named(`s${each}`)));
  }
  return subjects;
}

/** Looks at each Secret that the controller writes, soon after. */
function watchForWrong(world: SoakParts['world'], subjects: readonly Subject[]) {
  const found = new Set<string>();
  const byKey = new Map(subjects.map((each) => [`${each.namespace}/${each.name}`, each]));
  let count = 0;
  const check = async (subject: Subject): Promise<void> => {
    const wrong = await subject.findWrong();
    if (wrong !== undefined) found.add(`${subject.namespace}/${subject.name}: ${wrong}`);
  };
  const look = (key: string): void => {
    const subject = byKey.get(key);
    if (!subject) return;
    count += 1;
    check(subject).catch(() => undefined); // the server is in trouble; the end is looked at once more
  };
  world.cluster.apiServer.faults.onWrite(({ kind, namespace, name, request }) => {
    if (kind === 'Secret' && request.user === world.user) look(`${namespace}/${name}`);
  });
  return { found, check, count: () => count };
}

async function findLost(subjects: readonly Subject[]): Promise<string[]> {
  const waits = subjects.map((each) =>
    each.untilRight().then(
      () => undefined,
      (error: Error) => error.message,
    ),
  );
  return (await Promise.all(waits)).filter((message) => message !== undefined);
}

function judgeMemory(samples: Parameters<typeof slopeOf>[0]): boolean {
  const slope = slopeOf(samples);
  const most = Math.max(...samples.map(({ mebibytes }) => mebibytes));
  print(
    `memory: at most ${most.toFixed(0)} MiB, slope ${slope.toFixed(2)} MiB a minute over ${samples.length} s`,
  );
  return most < MAX_MEBIBYTES && (seconds < MIN_JUDGED_SECONDS || slope < MAX_SLOPE);
}

function print(text: string): void {
  process.stdout.write(`soak: ${text}\n`);
}
