import { readRecoveryKeyFiles } from '../../input/recovery-keys.ts';
import { sealedObjectsIn } from '../../input/sealed-objects.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import { inspectObject, type ObjectReport, withDuplicates } from '../../inspect/inspect-object.ts';
import { jsonOf, tableOf } from '../../inspect/report/inspection.ts';
import { type KnownKeys, knownKeysOf } from '../../inspect/sealing-key.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { INSPECT_FLAGS } from '../../invocation/flags/check-flags.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { Io } from '../../io/io.ts';
import { currentKeysOf } from './current-keys.ts';
import { type LiveCluster, liveClusterOf } from './live-cluster.ts';

/** How a report is printed. */
type InspectFormat = 'table' | 'wide' | 'json';

/** Everything that was read, in order. */
interface Inspection {
  readonly reports: readonly ObjectReport[];
  readonly failures: readonly Failure[];
}

/**
 * `kubeseal inspect PATH...`, from the flags to the report.
 *
 * @throws ERR_KEY_INVALID, ERR_CERTIFICATE_INVALID, ERR_USAGE, and like printInspection
 */
export async function inspect(given: CommandLine<typeof INSPECT_FLAGS>, world: CommandWorld): Promise<void> {
  const { arguments: paths, flags } = given;
  const keyFiles = flags['recovery-private-key'];
  const keys = keyFiles.length === 0 ? [] : await readRecoveryKeyFiles(world.io.cwd, keyFiles);
  const knownFor = await currentKeysOf(await knownKeysOf(keys), flags, world);
  const cluster = await liveClusterOf(given, world);
  const inspection = await inspectTree(paths, { knownFor, cluster }, world.io, flags['fail-fast']).finally(
    () => cluster.close(),
  );
  await printInspection(inspection, flags.json ? 'json' : flags.output, world.io, world.warn);
}

/** What tells which key sealed an item. */
interface Evidence {
  readonly knownFor: (file: string) => Promise<KnownKeys>;
  readonly cluster: LiveCluster;
}

/**
 * Tells scope, size and sealing key of each item, as far as there is evidence.
 * Files are read one at a time, and only what is reported of them is kept.
 */
async function inspectTree(
  paths: readonly string[],
  evidence: Evidence,
  io: Pick<Io, 'cwd' | 'stdin'>,
  isFailFast: boolean,
): Promise<Inspection> {
  const reports: ObjectReport[] = [];
  const failures: Failure[] = [];
  for await (const file of readTree(paths, io)) {
    for (const found of isFailure(file) ? [file] : await sealedObjectsIn(file)) {
      const report = await inspectOne(found, file.where, evidence);
      if (isFailure(report)) failures.push(report);
      else reports.push(report);
      if (isFailFast && failures.length > 0) return { reports: withDuplicates(reports), failures };
    }
  }
  return { reports: withDuplicates(reports), failures };
}

async function inspectOne(
  found: SealedInput | Failure,
  file: string,
  { knownFor, cluster }: Evidence,
): Promise<ObjectReport | Failure> {
  if (isFailure(found)) return found;
  const known = await knownFor(file);
  return failureOf(file, async () => {
    const live = await cluster.ask(found.sealedSecret);
    return inspectObject(found, file, known, live?.keys);
  });
}

/**
 * Prints the report. Notes on stderr are for people; the JSON document holds them.
 *
 * @throws the errors of all files together, when there are some
 */
async function printInspection(
  { reports, failures }: Inspection,
  format: InspectFormat,
  io: Pick<Io, 'stdout' | 'now'>,
  warn: Warn,
): Promise<void> {
  if (format === 'json') await io.stdout.write(jsonOf(reports, failures));
  else {
    await io.stdout.write(tableOf(reports, format === 'wide', io.now()));
    printNotes(reports, format === 'wide', warn);
    if (reports.length === 0 && failures.length === 0) warn('note: there is no SealedSecret');
  }
  throwFailures(failures);
}

/**
 * Prints the notes. Objects that are there twice are usual where a directory stands for a cluster: the table
 * only counts them.
 */
function printNotes(reports: readonly ObjectReport[], isWide: boolean, warn: Warn): void {
  let twice = 0;
  for (const { label, notes } of reports) {
    for (const { kind, message } of notes) {
      if (kind !== 'duplicate' || isWide) warn(`note: ${label}: ${message}`);
      else twice += 1;
    }
  }
  if (twice > 0)
    warn(
      `note: ${twice} of ${reports.length} SealedSecrets share namespace and name with another: -o wide lists them`,
    );
}
