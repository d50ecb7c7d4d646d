import type { Certificate } from '@fuin/crypto-core/x509';
import { isFileName, readFirst } from '../../certificate/certificate.ts';
import { readRecoveryKeyFiles } from '../../input/recovery-keys.ts';
import { sealedObjectsIn } from '../../input/sealed-objects.ts';
import { type Failure, throwFailures } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import { inspectObject, type ObjectReport, withDuplicates } from '../../inspect/inspect-object.ts';
import { jsonOf, tableOf } from '../../inspect/report/inspection.ts';
import { type KnownKeys, knownKeysOf } from '../../inspect/sealing-key.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { readInput } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';

/** How a report is printed. */
export type InspectFormat = 'table' | 'wide' | 'json';

/** Everything that was read, in order. */
interface Inspection {
  readonly reports: readonly ObjectReport[];
  readonly failures: readonly Failure[];
}

/**
 * What the flags tell of the cluster's keys.
 *
 * @throws ERR_KEY_INVALID, ERR_CERTIFICATE_INVALID, ERR_USAGE
 */
export async function readKnownKeys(
  io: Pick<Io, 'cwd' | 'env'>,
  keyFiles: readonly string[],
  certificate: string,
): Promise<KnownKeys> {
  const keys = keyFiles.length === 0 ? [] : await readRecoveryKeyFiles(io.cwd, keyFiles);
  return knownKeysOf(keys, certificate === '' ? undefined : await readCertificate(io, certificate));
}

/** An expired certificate is accepted too: nothing is sealed with it. */
async function readCertificate(io: Pick<Io, 'cwd' | 'env'>, source: string): Promise<Certificate> {
  if (isFileName(source)) return readFirst(await readInput(io.cwd, source, 'cert'), source);
  const { fetchFromUrl } = await import('../../certificate/from-url.ts');
  const trust = { pin: '', acceptsHttp: false, authority: '', isInsecure: false };
  return readFirst(await fetchFromUrl({ source, ...trust }, io), source);
}

/**
 * `kubeseal inspect PATH...`: tells scope, size and sealing key of each item, as far as there is evidence.
 * Files are read one at a time, and only what is reported of them is kept.
 */
export async function inspectTree(
  paths: readonly string[],
  known: KnownKeys,
  io: Pick<Io, 'cwd' | 'stdin'>,
  isFailFast: boolean,
): Promise<Inspection> {
  const reports: ObjectReport[] = [];
  const failures: Failure[] = [];
  for await (const file of readTree(paths, io)) {
    for (const found of 'error' in file ? [file] : await sealedObjectsIn(file)) {
      if ('error' in found) failures.push(found);
      else reports.push(await inspectObject(found, file.where, known));
      if (isFailFast && failures.length > 0) return { reports: withDuplicates(reports), failures };
    }
  }
  return { reports: withDuplicates(reports), failures };
}

/**
 * Prints the report. Notes on stderr are for people; the JSON document holds them.
 *
 * @throws the errors of all files together, when there are some
 */
export async function printInspection(
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
