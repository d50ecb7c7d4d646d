import type { Certificate } from '@fuin/crypto-core/x509';
import { requestCertificate } from '../../controller/key-requests.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CERT_CHECK_FLAGS, CERT_UPDATE_FLAGS } from '../../invocation/flags/cert-flags.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { readInput } from '../../io/files.ts';
import { isFileName, readFirst } from '../../recipients/certificate/certificate.ts';
import { type CertificateGiven, clusterSealing } from '../access/cluster-sealing.ts';

/** What was given to `kubeseal cert check`. */
export type CheckGiven = CommandLine<typeof CERT_CHECK_FLAGS>;
/** What was given to `kubeseal cert update`. */
export type UpdateGiven = CommandLine<typeof CERT_UPDATE_FLAGS>;

/** What is known about the certificate of a cluster. */
export type CertState = 'current' | 'stale' | 'expired' | 'contradicts' | 'unknown' | 'not-pinned';

/** How the certificate of a cluster stands. */
export interface ClusterCert {
  readonly cluster: NamedCluster;
  readonly state: CertState;
  /** Of the file or URL of the settings. */
  readonly certificate: Certificate | undefined;
  /** What its controller serves; undefined where the settings name no context. */
  readonly served: Certificate | undefined;
  readonly sealing: Sealing;
}

/** States that must not stay so. */
export const BAD_STATES: readonly CertState[] = ['stale', 'expired', 'contradicts'];

/**
 * Compares the certificate and the fingerprint of the settings with what the controller serves.
 *
 * @throws ERR_USAGE, ERR_CERTIFICATE_INVALID, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function certOf(
  cluster: NamedCluster,
  settings: Settings,
  given: CertificateGiven,
  world: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<ClusterCert> {
  const sealing = clusterSealing(cluster, settings.place, { given, world });
  const certificate = await pinnedCertificate(sealing);
  const served = cluster.context === undefined ? undefined : await servedCertificate(sealing);
  const state = stateOf({ certificate, served, fingerprint: cluster.fingerprint }, world.io.now());
  return { cluster, state, certificate, served, sealing };
}

/** The certificate of --cert or of the settings, of any age. */
export async function pinnedCertificate({ certificate, io }: Sealing): Promise<Certificate | undefined> {
  const { source } = certificate;
  if (source === '') return undefined;
  const read = isFileName(source)
    ? await readInput(io.cwd, source)
    : await (await import('../../recipients/certificate/from-url.ts')).fetchFromUrl(certificate, io);
  return readFirst(read, source);
}

async function servedCertificate(sealing: Sealing): Promise<Certificate> {
  const { openController } = await import('../access/controller.ts');
  const controller = await openController(sealing);
  try {
    const answer = await requestCertificate(controller, undefined);
    return await readFirst(
      answer === 'not modified' ? new Uint8Array() : answer.body,
      'the answer of the controller',
    );
  } finally {
    await controller.close();
  }
}

interface Evidence {
  readonly certificate: Certificate | undefined;
  readonly served: Certificate | undefined;
  readonly fingerprint: string | undefined;
}

function stateOf({ certificate, served, fingerprint }: Evidence, now: Date): CertState {
  const pinned = fingerprint?.replace(/=+$/, '');
  const known = certificate?.recipient.id ?? pinned;
  if (known === undefined) return 'not-pinned';
  if (pinned !== undefined && pinned !== known) return 'contradicts';
  if (served && served.recipient.id !== known) return 'stale';
  const own = certificate ?? served; // a fingerprint alone pins the certificate that is served
  if (own && own.notAfter.getTime() < now.getTime()) return 'expired';
  return served ? 'current' : 'unknown';
}
