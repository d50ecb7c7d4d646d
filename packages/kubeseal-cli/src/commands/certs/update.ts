import type { Certificate } from '@fuin/crypto-core/x509';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { certificatePath } from '../../invocation/settings/certificate-source.ts';
import { replaceFingerprint } from '../../invocation/settings/replace-fingerprint.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { PinFiles } from './pin-files.ts';
import { isFile, knownOf, type Next, nextOf, pemOf } from './replacement.ts';
import type { ClusterCert, UpdateGiven } from './state.ts';
import { type CertUpdate, updatesAsJson } from './update-report.ts';

/** One run of the command. */
interface Run {
  readonly settings: Settings;
  readonly files: PinFiles;
  readonly given: UpdateGiven;
  readonly world: CommandWorld;
}

/**
 * `kubeseal cert update`: replaces the certificate file and the pinned fingerprint of clusters, after it has
 * shown both fingerprints. A crash between the two files leaves a fingerprint that refuses the certificate.
 *
 * @throws ERR_USAGE without a terminal and --yes; ERR_CERTIFICATE_INVALID, ERR_API_UNAVAILABLE
 */
export async function updateCerts(
  clusters: readonly NamedCluster[],
  settings: Settings,
  given: UpdateGiven,
  world: CommandWorld,
): Promise<void> {
  const { json, 'dry-run': isDryRun, 'fail-fast': failsFast } = given.flags;
  const { cwd, stdout } = world.io;
  const run: Run = { settings, files: new PinFiles(settings, cwd, isDryRun), given, world };
  const updates: CertUpdate[] = [];
  const failures: Failure[] = [];
  for (const cluster of clusters) {
    const result = await failureOf(`cluster ${cluster.name}`, () => updateOne(cluster, run));
    if (isFailure(result)) failures.push(result);
    else updates.push(result);
    if (failsFast && failures.length > 0) break;
  }
  await stdout.write(
    json ? updatesAsJson(updates, failures, isDryRun) : run.files.diff(stdout.isTty === true),
  );
  throwFailures(failures);
}

async function updateOne(cluster: NamedCluster, run: Run): Promise<CertUpdate> {
  const { settings, files, given, world } = run;
  const { io, warn } = world;
  const { 'dry-run': isDryRun } = given.flags;
  const known = await knownOf(cluster, settings, given, world);
  if (cluster.certificate === undefined && cluster.fingerprint === undefined) {
    warn(`note: cluster ${cluster.name} pins nothing: its controller is asked each time`);
    return { known, change: 'not-pinned', files: [] };
  }
  const next = await nextOf(known, given, io);
  const { id } = next.certificate.recipient;
  if (isUpToDate(known, next.certificate)) {
    warn(`note: cluster ${cluster.name} is up to date: ${id}`);
    return { known, change: 'unchanged', next, files: [] };
  }
  show(known, next, io);
  if (!isDryRun) await confirm(given, io);
  const written = await write(known, next, { settings, files });
  const gets = isDryRun ? 'would get' : 'now has';
  warn(`note: cluster ${cluster.name} ${gets} the certificate ${id} of ${next.from}`);
  return { known, change: 'updated', next, files: written };
}

/** Shows both fingerprints to the person who decides. */
function show({ cluster, certificate }: ClusterCert, next: Next, { stderr }: Pick<Io, 'stderr'>): void {
  const old = [cluster.fingerprint, certificate?.recipient.id].filter(
    (id, at, all) => id && all.indexOf(id) === at,
  );
  const lines = [
    `cluster ${cluster.name}`,
    `  now: ${old.join(' and ') || 'none'}`,
    `  new: ${next.certificate.recipient.id} of ${next.from}, expires ${next.certificate.notAfter.toISOString().slice(0, 10)}`,
  ];
  stderr.write(`${lines.join('\n')}\n`);
}

/** @throws ERR_USAGE where nobody confirms */
async function confirm({ flags }: UpdateGiven, { stdin }: Pick<Io, 'stdin'>): Promise<void> {
  if (flags.yes) return;
  if (!stdin.isTty || !stdin.ask)
    throw usageError('there is no terminal to confirm this', 'compare the fingerprints, then give --yes');
  const answer = await stdin.ask('replace it? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('it was not confirmed, so nothing was changed');
}

/** The certificate first: a fingerprint of another key refuses it. @returns the files that were written */
async function write(
  known: ClusterCert,
  next: Next,
  { settings: { place }, files }: Pick<Run, 'settings' | 'files'>,
): Promise<string[]> {
  const { certificate: name, fingerprint: old, name: cluster } = known.cluster;
  const { id } = next.certificate.recipient;
  const written: string[] = [];
  if (name !== undefined && isFile(known.cluster))
    written.push(await files.write(certificatePath(name, place), Buffer.from(pemOf(next.certificate))));
  else if (name !== undefined) refuseOtherUrl(known, next);
  if (old === undefined || old.replace(/=+$/, '') === id) return written;
  // one string changes; every other byte of the settings file stays
  const content = replaceFingerprint(files.settings(), cluster, { old, next: id });
  return [...written, await files.write(place.path, content)];
}

/** @throws ERR_USAGE where the URL serves the old certificate, which the new fingerprint would refuse */
function refuseOtherUrl({ cluster, certificate }: ClusterCert, next: Next): void {
  if (certificate?.recipient.id === next.certificate.recipient.id) return;
  throw usageError(
    `${cluster.certificate} serves another certificate than ${next.from}`,
    'publish the new certificate there first',
  );
}

/** Whether file and fingerprint are of that key already, and the file ends no earlier. */
function isUpToDate({ cluster, certificate }: ClusterCert, next: Certificate): boolean {
  const { id } = next.recipient;
  if (cluster.fingerprint !== undefined && cluster.fingerprint.replace(/=+$/, '') !== id) return false;
  if (cluster.certificate === undefined) return true;
  if (certificate?.recipient.id !== id) return false;
  return !isFile(cluster) || certificate.notAfter >= next.notAfter;
}
