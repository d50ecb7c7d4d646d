import { formatPem, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import type { CommandWorld } from '../../invocation/command.ts';
import { isUrl } from '../../invocation/settings/certificate-source.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { checkCertificate } from '../../recipients/certificate/certificate.ts';
import { type ClusterCert, certOf, pinnedCertificate, type UpdateGiven } from './state.ts';

/**
 * What is pinned now. A certificate file that is missing or damaged is made anew. With --cert no controller
 * is asked: the certificate may come from somebody else because the cluster cannot be reached from here.
 */
export async function knownOf(
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

/** Whether the certificate of a cluster is a file, which can be replaced. */
export function isFile({ certificate }: NamedCluster): boolean {
  return certificate !== undefined && !isUrl(certificate);
}

/** The new certificate. */
export interface Next {
  readonly certificate: Certificate;
  readonly from: string;
}

/** What the certificate is replaced by. @throws ERR_USAGE, ERR_CERTIFICATE_INVALID */
export async function nextOf(
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

/** The certificate as a file of PEM. */
export function pemOf({ der }: Certificate): string {
  return formatPem('CERTIFICATE', der);
}
