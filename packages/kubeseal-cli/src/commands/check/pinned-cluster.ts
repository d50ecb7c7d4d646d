import type { Certificate } from '@fuin/crypto-core/x509';
import { certificateSource, isUrl } from '../../invocation/settings/certificate-source.ts';
import type { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { NamedCluster, PlacedRule, Settings } from '../../invocation/settings/settings.ts';
import { readInput } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { readFirst, refuseOtherKey } from '../../recipients/certificate/certificate.ts';

/** A cluster of a settings file. */
export interface PlacedCluster {
  /** The same for all files of the cluster. */
  readonly key: string;
  readonly cluster: NamedCluster;
  readonly settings: Settings;
}

/** The cluster that the settings have for a file, and the rule that says it. @throws ERR_USAGE */
export async function clusterFor(
  file: string,
  all: RunSettings,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<(PlacedCluster & { readonly rule: PlacedRule }) | undefined> {
  if (file === 'stdin') return undefined;
  const settings = await all.settingsFor(file);
  const rule = settings?.ruleFor(file, cwd);
  return settings && rule && { ...placedCluster(settings, rule.cluster), rule };
}

/** A cluster by its name. @throws ERR_USAGE where there is none */
export function placedCluster(settings: Settings, name: string): PlacedCluster {
  return { key: `${settings.place.path}\0${name}`, cluster: settings.cluster(name), settings };
}

/**
 * The certificate file of a cluster, of any age, which must have the pinned fingerprint. A URL is not
 * fetched.
 *
 * @throws ERR_USAGE, ERR_CERTIFICATE_INVALID
 */
export async function certificateOf(
  { cluster: { certificate: named, fingerprint }, settings: { place } }: PlacedCluster,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<{ readonly source: string; readonly certificate: Certificate } | undefined> {
  if (named === undefined || isUrl(named)) return undefined;
  const source = certificateSource(named, place, cwd);
  const certificate = await readFirst(await readInput(cwd, source, 'cert'), source);
  if (fingerprint !== undefined) refuseOtherKey(certificate.recipient, fingerprint);
  return { source, certificate };
}
