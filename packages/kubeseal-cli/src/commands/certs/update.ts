import { formatPem, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import { checkCertificate } from '../../certificate/certificate.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { certificatePath, isUrl } from '../../invocation/settings/certificate-source.ts';
import { settingsBytes } from '../../invocation/settings/find-settings.ts';
import { replaceFingerprint } from '../../invocation/settings/replace-fingerprint.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { atomicWrite, writeNew } from '../../output/atomic-write.ts';
import { type ClusterCert, certOf, pinnedCertificate, type UpdateGiven } from './state.ts';

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
  const failures: Failure[] = [];
  for (const cluster of clusters) {
    const result = await failureOf(`cluster ${cluster.name}`, () =>
      updateOne(cluster, settings, given, world),
    );
    if (isFailure(result)) failures.push(result);
  }
  throwFailures(failures);
}

async function updateOne(
  cluster: NamedCluster,
  settings: Settings,
  given: UpdateGiven,
  world: CommandWorld,
): Promise<void> {
  const { io, warn } = world;
  const known = await knownOf(cluster, settings, given, world);
  if (cluster.certificate === undefined && cluster.fingerprint === undefined)
    return warn(`note: cluster ${cluster.name} pins nothing: its controller is asked each time`);
  const next = await nextOf(known, given, io);
  if (isUpToDate(known, next.certificate))
    return warn(`note: cluster ${cluster.name} is up to date: ${next.certificate.recipient.id}`);
  await confirm(known, next, given, io);
  if (isFile(cluster)) await writeCertificate(cluster.certificate ?? '', next.certificate, settings);
  else if (cluster.certificate !== undefined) refuseOtherUrl(known, next);
  await writeFingerprint(cluster, next.certificate.recipient.id, settings);
  warn(
    `note: cluster ${cluster.name} has the certificate ${next.certificate.recipient.id} of ${next.from} now`,
  );
}

/**
 * What is pinned now. A certificate file that is missing or damaged is made anew. With --cert no controller
 * is asked: the certificate may come from somebody else because the cluster cannot be reached from here.
 */
async function knownOf(
  cluster: NamedCluster,
  settings: Settings,
  given: UpdateGiven,
  world: CommandWorld,
): Promise<ClusterCert> {
  const changed = new Set(given.changed);
  changed.delete('cert'); // both flags are about the new one
  const own = { flags: { ...given.flags, cert: '', 'cert-fingerprint': '' }, changed };
  const { context: _unasked, ...unreached } = cluster;
  const looked: NamedCluster = isGiven(given) ? unreached : cluster;
  try {
    return { ...(await certOf(looked, settings, own, world)), cluster };
  } catch (error) {
    if (!(error instanceof SealedSecretsError) || !isFile(cluster)) throw error;
    const { certificate: _unread, ...rest } = looked;
    return { ...(await certOf(rest, settings, own, world)), cluster };
  }
}

/** Whether --cert says what the new certificate is. */
function isGiven({ flags, changed }: UpdateGiven): boolean {
  return changed.has('cert') && flags.cert !== '';
}

function isFile({ certificate }: NamedCluster): boolean {
  return certificate !== undefined && !isUrl(certificate);
}

/** The new certificate. */
interface Next {
  readonly certificate: Certificate;
  readonly from: string;
}

async function nextOf(
  { cluster, served, certificate, sealing }: ClusterCert,
  given: UpdateGiven,
  io: Io,
): Promise<Next> {
  const { cert: source } = given.flags;
  if (isGiven(given)) {
    const typed = {
      ...sealing,
      certificate: { ...sealing.certificate, source, pin: given.flags['cert-fingerprint'] },
    };
    const found = await pinnedCertificate(typed);
    if (found) return checked({ certificate: found, from: source }, given, io);
  }
  if (served)
    return checked({ certificate: served, from: `the controller of context ${cluster.context}` }, given, io);
  if (certificate && cluster.certificate !== undefined && isUrl(cluster.certificate))
    return checked({ certificate, from: cluster.certificate }, given, io);
  throw usageError(
    `cluster ${cluster.name} has no context, so no controller can be asked`,
    'add context to the settings file, or give the new certificate with --cert',
  );
}

/** @throws ERR_CERTIFICATE_INVALID for an expired certificate, or another than --cert-fingerprint says */
async function checked(next: Next, { flags }: UpdateGiven, io: Io): Promise<Next> {
  const check = { where: next.from, pin: flags['cert-fingerprint'], now: io.now() };
  await checkCertificate(Buffer.from(pemOf(next.certificate)), check);
  return next;
}

/** @throws ERR_USAGE where nobody confirms */
async function confirm(
  { cluster, certificate }: ClusterCert,
  next: Next,
  { flags }: UpdateGiven,
  io: Io,
): Promise<void> {
  const old = [cluster.fingerprint, certificate?.recipient.id].filter(
    (id, at, all) => id && all.indexOf(id) === at,
  );
  const lines = [
    `cluster ${cluster.name}`,
    `  now: ${old.join(' and ') || 'none'}`,
    `  new: ${next.certificate.recipient.id} of ${next.from}, expires ${next.certificate.notAfter.toISOString().slice(0, 10)}`,
  ];
  io.stderr.write(`${lines.join('\n')}\n`);
  if (flags.yes) return;
  if (!io.stdin.isTty || !io.stdin.ask)
    throw usageError('there is no terminal to confirm this', 'compare the fingerprints, then give --yes');
  const answer = await io.stdin.ask('replace it? [y/N] ');
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('it was not confirmed, so nothing was changed');
}

/** @throws ERR_USAGE where the URL serves the old certificate, which the new fingerprint would refuse */
function refuseOtherUrl({ cluster, certificate }: ClusterCert, next: Next): void {
  if (certificate?.recipient.id === next.certificate.recipient.id) return;
  throw usageError(
    `${cluster.certificate} serves another certificate than ${next.from}`,
    'publish the new certificate there first',
  );
}

/** Changes one string; every other byte of the settings file stays. */
async function writeFingerprint(
  { name, fingerprint: old }: NamedCluster,
  next: string,
  { place }: Settings,
): Promise<void> {
  if (old === undefined || old.replace(/=+$/, '') === next) return;
  const content = replaceFingerprint(settingsBytes(place), name, { old, next });
  await atomicWrite(place.directory, place.path, content);
}

/** Whether file and fingerprint are of that key already, and the file ends no earlier. */
function isUpToDate({ cluster, certificate }: ClusterCert, next: Certificate): boolean {
  const { id } = next.recipient;
  if (cluster.fingerprint !== undefined && cluster.fingerprint.replace(/=+$/, '') !== id) return false;
  if (cluster.certificate === undefined) return true;
  if (certificate?.recipient.id !== id) return false;
  return !isFile(cluster) || certificate.notAfter >= next.notAfter;
}

async function writeCertificate(name: string, next: Certificate, { place }: Settings): Promise<void> {
  await writeNew(place.directory, certificatePath(name, place), pemOf(next));
}

function pemOf({ der }: Certificate): string {
  return formatPem('CERTIFICATE', der);
}
