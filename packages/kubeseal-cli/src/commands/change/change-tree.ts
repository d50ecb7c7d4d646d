import type { SealedSecretsError } from '@fuin/crypto-core';
import { openSealedFile, type SealedFile } from '../../input/sealed-files.ts';
import { refuseLegacyData, type SealedInput } from '../../input/sealed-secrets.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import { readTree, type TreeFile } from '../../input/tree/tree.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { atomicWrite } from '../../output/atomic-write.ts';
import { changesAsJson, type ItemChange, type ObjectReport, summaryOf } from '../../output/changes.ts';
import { unifiedDiff } from '../../output/diff.ts';
import { withProgress } from '../../output/progress.ts';
import { noteEdits, rewriteWithNotes } from './note-edits.ts';

/** How many SealedSecrets a command works on at once: enough for all cores, few enough for the memory. */
const BATCH = 64;

/** One SealedSecret that a command may change. */
export interface Target extends SealedInput {
  /** The file as messages call it; `stdin` for stdin. */
  readonly file: string;
}

/** What a command does to the items of one SealedSecret. */
export interface ObjectChange {
  /** New sealed values by item. */
  readonly set: Readonly<Record<string, string>>;
  /** The item to remove. */
  readonly removed?: string;
  /** Id of the key that the values of `set` were sealed with, for the sealing note; undefined writes none. */
  readonly sealedWith?: string;
  /** For programs. */
  readonly items: readonly ItemChange[];
  /** What stderr says, such as `added password`. */
  readonly says: string;
}

/** What came of one target; undefined where it stays as it is. */
export type Outcome = ObjectChange | SealedSecretsError | undefined;

/** A change of all SealedSecrets that arguments lead to. */
export interface TreeChange {
  /** Files, directories and `-`. */
  readonly paths: readonly string[];
  /** What happens to them, for the progress, such as `re-encrypting`. */
  readonly doing: string;
  /** The SealedSecrets of a file that the command is about. @throws ERR_USAGE */
  choose(file: SealedFile): readonly SealedInput[];
  /** What to do to each of up to 64 targets, in their order. */
  change(targets: readonly Target[]): Promise<readonly Outcome[]>;
}

/** The flags of every command that changes files. */
export interface ChangeFlags {
  readonly 'dry-run': boolean;
  readonly json: boolean;
  readonly 'fail-fast': boolean;
}

type World = Pick<CommandWorld, 'io' | 'warn'>;

/**
 * Changes SealedSecrets in files, each file in one step, and goes on after a file that cannot be changed,
 * which stays as it was. stdin is written to stdout. Memory does not grow with the number of files.
 *
 * @throws ERR_USAGE; at the end, the reasons of all files that failed as one error
 */
export async function changeTree(work: TreeChange, flags: ChangeFlags, world: World): Promise<void> {
  if (flags.json && work.paths.some(isStream))
    throw usageError('--json and - both need stdout', 'name a file instead of -');
  const run: Run = { work, flags, world, objects: [], failures: [] };
  await withProgress(world.io, { doing: work.doing }, async (step) => {
    let batch: Chosen[] = [];
    let waiting = 0;
    for await (const input of readTree(work.paths, world.io)) {
      const chosen = await chosenIn(input, run);
      if (chosen) batch.push(chosen);
      waiting += chosen?.targets.length ?? 0;
      if (waiting >= BATCH) {
        await changeBatch(batch, run);
        step(waiting);
        [batch, waiting] = [[], 0];
      }
      if (isOver(run)) return;
    }
    await changeBatch(batch, run);
  });
  await report(run);
}

/** One file, and what of it the command is about. */
interface Chosen extends SealedFile {
  readonly targets: readonly Target[];
}

interface Run {
  readonly work: TreeChange;
  readonly flags: ChangeFlags;
  readonly world: World;
  readonly objects: ObjectReport[];
  readonly failures: Failure[];
}

function isOver({ flags, failures }: Run): boolean {
  return flags['fail-fast'] && failures.length > 0;
}

async function chosenIn(input: TreeFile | Failure, run: Run): Promise<Chosen | undefined> {
  const found = isFailure(input)
    ? input
    : await failureOf(input.where, async () => {
        const opened = await openSealedFile(input, run.world.warn);
        if (!opened) return undefined;
        const chosen = run.work.choose(opened);
        refuseLegacyData(chosen);
        return { ...opened, targets: chosen.map((each) => ({ ...each, file: input.where })) };
      });
  if (!isFailure(found)) return found;
  run.failures.push(found);
  return undefined;
}

async function changeBatch(batch: readonly Chosen[], run: Run): Promise<void> {
  const targets = batch.flatMap((each) => each.targets);
  if (targets.length === 0 || isOver(run)) return;
  const outcomes = await run.work.change(targets);
  const byTarget = new Map(targets.map((target, at) => [target, outcomes[at]]));
  for (const chosen of batch) {
    if (isOver(run)) return;
    const failed = await failureOf(chosen.input.where, () => changeFile(chosen, byTarget, run));
    if (failed) run.failures.push(failed);
  }
}

/** @throws the first reason why a SealedSecret of the file cannot be changed; the file stays as it was */
async function changeFile(
  { input, file, targets }: Chosen,
  outcomes: ReadonlyMap<Target, Outcome>,
  { flags, world: { io, warn }, objects }: Run,
): Promise<undefined> {
  const changes = targets.map((target) => {
    const outcome = outcomes.get(target);
    if (outcome instanceof Error) throw outcome;
    return { target, change: outcome };
  });
  const edits = changes.flatMap(({ target, change }) => (change ? editsOf(target, change) : []));
  const notes = changes.flatMap(({ target, change }) =>
    change ? noteEdits(target, change, flags['dry-run']) : [],
  );
  const content = edits.length === 0 ? input.bytes : await rewriteWithNotes(file, edits, notes);
  if (flags['dry-run']) {
    if (!flags.json) await io.stdout.write(unifiedDiff(input.where, input.bytes, content));
  } else if (input.isStdin) await io.stdout.write(content);
  else if (edits.length > 0) await atomicWrite(io.cwd, input.where, content);
  for (const { target, change } of changes) {
    objects.push(reportOf(target, change));
    if (change)
      warn(
        `note: ${input.where}: ${flags['dry-run'] ? 'would have ' : ''}${change.says} (${placeOf(target)})`,
      );
  }
}

function editsOf({ document }: Target, { set, removed }: ObjectChange) {
  const { index, path } = document;
  const pathTo = (item: string) => [...path, 'spec', 'encryptedData', item];
  return [
    ...(removed === undefined ? [] : [{ document: index, path: pathTo(removed), remove: true as const }]),
    ...Object.entries(set).map(([item, text]) => ({ document: index, path: pathTo(item), text })),
  ];
}

function reportOf(
  { file, sealedSecret: { metadata } }: Target,
  change: ObjectChange | undefined,
): ObjectReport {
  const { namespace = '', name = '' } = metadata;
  return { file, namespace, name, items: change?.items ?? [] };
}

function placeOf({ sealedSecret: { metadata } }: Target): string {
  return [metadata.namespace, metadata.name].filter((part) => part).join('/');
}

async function report({ flags, world, objects, failures }: Run): Promise<void> {
  if (flags.json) await world.io.stdout.write(changesAsJson(objects, failures, flags['dry-run']));
  const summary = summaryOf(objects, flags['dry-run']);
  if (summary !== undefined) world.warn(`note: ${summary}`);
  throwFailures(failures);
}
