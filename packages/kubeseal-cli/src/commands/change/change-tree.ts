// Over 200 lines: batches that are read, worked on and written at once are one machine.
import { mapConcurrently } from '@fuin/crypto-core/map-concurrently';
import { openSealedFile, type SealedFile } from '../../input/sealed-files.ts';
import { refuseLegacyData, type SealedInput } from '../../input/sealed-secrets.ts';
import { type Failure, failureOf, isFailure, noneFound, throwFailures } from '../../input/tree/failures.ts';
import { readTree, type TreeFile } from '../../input/tree/tree.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { Renames } from '../../output/atomic-write.ts';
import { changesAsJson, type ObjectReport, summaryOf, type Tally } from '../../output/changes.ts';
import { withProgress } from '../../output/progress.ts';
import { signerOf } from '../access/signature/signer.ts';
import {
  type Chosen,
  changeFile,
  type Done,
  noteOf,
  type Outcome,
  reportOf,
  type Target,
} from './change-file.ts';

export type { ObjectChange, Outcome, Target } from './change-file.ts';

/** How many SealedSecrets a command works on at once: enough for all cores, few enough for the memory. */
const BATCH = 64;
/** Files that wait for the disk together. */
const WRITTEN_AT_ONCE = 32;

/** A change of all SealedSecrets that arguments lead to. */
export interface TreeChange {
  /** Files, directories and `-`. */
  readonly paths: readonly string[];
  /** What happens to them, for the progress, such as `re-encrypting`; undefined shows none. */
  readonly doing: string | undefined;
  /** The SealedSecrets of a file that the command is about. @throws ERR_USAGE */
  choose(file: SealedFile): readonly SealedInput[];
  /** The name that one of the SealedSecrets must have, so that a mistyped one shows; empty means any. */
  readonly needs?: string;
  /** What to do to each of up to `batch` targets, and those of the last file, in their order. */
  change(targets: readonly Target[]): Promise<readonly Outcome[]>;
  /** The file that the result is written to, where that is another one; its directory is made. */
  fileFor?(input: TreeFile): string;
  /** What happens to a file without SealedSecrets; by default nothing. @throws why it fails */
  passOver?(input: TreeFile): Promise<void>;
  /** How many targets `change` gets at once; 64 by default. */
  readonly batch?: number;
  /** How many batches are worked on or written at once, so that neither cores nor disk wait; 1 by default. */
  readonly batchesAtOnce?: number;
  /** Whether the command only tells whether something would change: no diff is printed. */
  readonly isCheck?: boolean;
}

/** The flags of every command that changes files. */
export interface ChangeFlags {
  readonly 'dry-run': boolean;
  readonly json: boolean;
  readonly 'fail-fast': boolean;
  /** Key that signs what changed; empty for none. */
  readonly sign: string;
}

type World = Pick<CommandWorld, 'io' | 'warn'>;

/**
 * Changes SealedSecrets in files, each file in one step, and goes on after a file that cannot be changed,
 * which stays as it was. stdin is written to stdout. Memory does not grow with the number of files, except
 * for the JSON document.
 *
 * @throws ERR_USAGE; at the end, the reasons of all files that failed as one error
 */
export async function changeTree(work: TreeChange, flags: ChangeFlags, world: World): Promise<Tally> {
  if (flags.json && work.paths.some(isStream))
    throw usageError('--json and - both need stdout', 'name a file instead of -');
  const run: Run = { work, flags, world, reports: [], failures: [], tally: { total: 0, changed: 0 } };
  await withProgress(world.io, progressOf(work), (step) => changeBatches(run, step));
  await report(run);
  return run.tally;
}

/** The progress of a single document is not shown. */
function progressOf({ doing }: TreeChange) {
  return doing === undefined ? { doing: '', total: 1 } : { doing };
}

interface Run {
  readonly work: TreeChange;
  readonly flags: ChangeFlags;
  readonly world: World;
  /** Empty without --json. */
  readonly reports: ObjectReport[];
  readonly failures: Failure[];
  readonly tally: { total: number; changed: number };
}

function isOver({ flags, failures }: Run): boolean {
  return flags['fail-fast'] && failures.length > 0;
}

async function changeBatches(run: Run, step: (count: number) => void): Promise<void> {
  const begun: Begun[] = [];
  const finishFirst = async () => {
    const first = begun.shift();
    if (first && !isOver(run)) step(await finish(first, run));
  };
  try {
    for await (const batch of batchesOf(run)) {
      begun.push(begin(batch, run));
      if (begun.length >= batchesAtOnce(run)) await finishFirst();
      if (isOver(run)) return;
    }
    while (begun.length > 0) await finishFirst();
  } finally {
    await Promise.allSettled(begun.map(({ written }) => written)); // no file is left half done
  }
}

/** Lets the work go on that is under way. */
function pause(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function batchesAtOnce({ work }: Run): number {
  return work.batchesAtOnce ?? 1;
}

/** The files of each batch. After a failure that ends the run, the files before it stay as they are too. */
async function* batchesOf(run: Run): AsyncGenerator<Chosen[]> {
  const { paths, batch: size = BATCH } = run.work;
  let batch: Chosen[] = [];
  let waiting = 0;
  for await (const input of readTree(paths, run.world.io)) {
    const chosen = await chosenIn(input, run);
    if (isOver(run)) return;
    if (batchesAtOnce(run) > 1) await pause();
    if (!chosen) continue;
    batch.push(chosen);
    waiting += chosen.targets.length;
    if (waiting < size) continue;
    yield batch;
    [batch, waiting] = [[], 0];
  }
  if (waiting > 0) yield batch;
}

async function chosenIn(input: TreeFile | Failure, run: Run): Promise<Chosen | undefined> {
  const found = isFailure(input)
    ? input
    : await failureOf(input.where, async () => {
        const opened = await openSealedFile(input, run.world.warn);
        if (!opened) return run.work.passOver?.(input);
        const chosen = run.work.choose(opened);
        refuseLegacyData(chosen);
        return { ...opened, targets: chosen.map((each) => ({ ...each, file: input.where })) };
      });
  if (!isFailure(found)) return found ?? undefined;
  run.failures.push(found);
  return undefined;
}

/** Files whose targets are being worked on. */
interface Begun extends Worked {
  /** What was done to each file; undefined while they wait for the files before them. */
  readonly written: Promise<readonly Written[]> | undefined;
}

/** Files, and what came of their targets. */
interface Worked {
  readonly batch: readonly Chosen[];
  readonly targets: readonly Target[];
  readonly outcomes: Promise<readonly Outcome[]>;
}

type Written = readonly Done[] | Failure;

function begin(batch: readonly Chosen[], run: Run): Begun {
  const targets = batch.flatMap((each) => each.targets);
  const worked = { batch, targets, outcomes: run.work.change(targets) };
  const written = isOrdered(run) ? undefined : writeAll(worked, run, WRITTEN_AT_ONCE);
  for (const waiting of [worked.outcomes, written]) waiting?.catch(() => undefined); // finish waits for it
  return { ...worked, written };
}

/**
 * Whether a file waits for the one before it: nothing follows a failure, diffs have an order, and a person is
 * asked for one passphrase at a time.
 */
function isOrdered(run: Run): boolean {
  const { 'fail-fast': failsFast, sign } = run.flags;
  return failsFast || sign !== '' || modeOf(run).showsDiff || batchesAtOnce(run) === 1;
}

function modeOf({ work, flags, world }: Run) {
  return {
    isDryRun: flags['dry-run'],
    showsDiff: !flags.json && !work.isCheck,
    signer: signerOf(flags.sign, world.io),
    warn: world.warn,
  };
}

async function writeAll(
  { batch, targets, outcomes }: Worked,
  run: Run,
  atOnce: number,
): Promise<readonly Written[]> {
  const { work, flags, world } = run;
  const results = await outcomes;
  const byTarget = new Map(targets.map((target, at) => [target, results[at]]));
  const renames = new Renames();
  let hasFailed = false;
  const written = await mapConcurrently(batch, atOnce, async (chosen) => {
    if (hasFailed && flags['fail-fast']) return [];
    if (atOnce > 1) await pause();
    const done = await failureOf(chosen.input.where, async () => {
      const to = work.fileFor?.(chosen.input) ?? chosen.input.where;
      return changeFile(chosen, byTarget, { ...modeOf(run), to, renames }, world.io);
    });
    hasFailed ||= isFailure(done);
    return done;
  });
  await renames.sync();
  return written;
}

/** Waits until the files of a batch are written. @returns how many targets it had */
async function finish(begun: Begun, run: Run): Promise<number> {
  for (const done of await (begun.written ?? writeAll(begun, run, 1))) {
    if (isFailure(done)) run.failures.push(done);
    else for (const each of done) tell(each, run);
  }
  return begun.targets.length;
}

function tell(done: Done, { flags, world, tally, reports }: Run): void {
  tally.total += 1;
  tally.changed += done.change ? 1 : 0;
  if (flags.json) reports.push(reportOf(done));
  const note = noteOf(done, flags['dry-run']);
  if (note !== undefined) world.warn(note);
}

async function report(run: Run): Promise<void> {
  const { work, flags, world, reports, failures, tally } = run;
  if (work.needs && tally.total === 0 && failures.length === 0)
    failures.push(noneFound(work.needs, work.paths));
  if (flags.json) await world.io.stdout.write(changesAsJson(reports, failures, flags['dry-run']));
  const summary = summaryOf(tally, flags['dry-run']);
  if (summary !== undefined) world.warn(`note: ${summary}`);
  throwFailures(failures);
}
