import { resolve } from 'node:path';
import type { Recipient, SealedSecretsError, ValueFormat } from '@fuin/crypto-core';
import { type PlacedCluster, placedCluster } from '../commands/check/pinned-cluster.ts';
import { KEPT_FORMAT, type SealingFormat } from '../invocation/sealing-format.ts';
import {
  certificateSource,
  isSmallFile,
  isUrl,
  recipientSource,
} from '../invocation/settings/certificate-source.ts';
import { RunSettings } from '../invocation/settings/run-settings.ts';
import type { PlacedRule } from '../invocation/settings/settings.ts';
import { usageError } from '../invocation/usage-error.ts';
import { readInput } from '../io/files.ts';
import { checkCertificate, warnOfEnd } from '../recipients/certificate/certificate.ts';
import { follow } from '../recipients/certificate/follow.ts';
import { type EditorWorld, NO_FLAGS } from './world.ts';

/** A cluster that a file may be sealed for. */
export interface Destination extends PlacedCluster {
  /** The rule that names the cluster for the file; undefined where a person chooses. */
  readonly rule: PlacedRule | undefined;
}

/** What the values of a file are sealed with. */
export interface Sealing {
  readonly terms: SealingFormat;
  readonly rule: PlacedRule | undefined;
  /** Opens the certificate, or the recipients of v2. Neither ever stands in for the other. */
  recipientFor(format: ValueFormat): Promise<Recipient>;
}

/**
 * The clusters that a file may be sealed for: the one of the rule of `.kubeseal.yaml` that matches the file;
 * all of them where no rule matches; none where no settings count for the file.
 *
 * @throws ERR_USAGE for settings that cannot be read
 */
export async function destinationsOf(
  file: string,
  { folder }: Pick<EditorWorld, 'folder'>,
): Promise<readonly Destination[]> {
  const settings = await new RunSettings(NO_FLAGS, folder).settingsFor(file);
  if (!settings) return [];
  const rule = file === '' ? undefined : settings.ruleFor(file, folder);
  const names = rule ? [rule.cluster] : [...settings.values.clusters.keys()];
  return names.map((name) => ({ ...placedCluster(settings, name), rule }));
}

/** What values for a cluster of the settings are sealed with. @throws ERR_USAGE */
export function sealingFor({ cluster, settings, rule }: Destination, world: EditorWorld): Sealing {
  const { name, certificate = '', fingerprint = '', recipients = [] } = cluster;
  const { place } = settings;
  const asked = recipients.length > 0 ? 'v2' : rule?.formatVersion;
  const io = { cwd: world.folder, now: world.now };
  const askNobody = async () => {
    throw unpinned(name, 'recipients');
  };
  const words = () => recipients.map((each) => recipientSource(each, place, world.folder));
  return {
    rule,
    terms: { ...KEPT_FORMAT, asked, recipients },
    recipientFor: async (format) => {
      if (format === 'v2') {
        const { openRecipients } = await import('../recipients/open.ts');
        return openRecipients({ words: words(), fetch: askNobody }, io, world.warn);
      }
      if (certificate === '') throw unpinned(name, 'certificate');
      return openCertificate(certificateSource(certificate, place, world.folder), fingerprint, world);
    },
  };
}

/** What values are sealed with where no settings count: a certificate that a person named. */
export function sealingWith(certificate: string, world: EditorWorld): Sealing {
  return {
    rule: undefined,
    terms: KEPT_FORMAT,
    recipientFor: async (format) => {
      if (format === 'v2')
        throw usageError(
          'the SealedSecret has values of format v2, and a certificate seals in format v1',
          'name recipients in .kubeseal.yaml',
        );
      if (!isUrl(certificate) && !isSmallFile(resolve(world.folder, certificate), certificate))
        throw usageError(`${certificate} is not a certificate`);
      return openCertificate(certificate, '', world);
    },
  };
}

/** @throws ERR_USAGE, ERR_CERTIFICATE_INVALID, ERR_API_UNAVAILABLE */
async function openCertificate(source: string, pin: string, world: EditorWorld): Promise<Recipient> {
  const { folder, now, warn } = world;
  const pem = isUrl(source)
    ? await fetchCertificate(source, pin, world)
    : await readInput(folder, source, 'cert');
  const { recipient, notAfter } = await checkCertificate(pem, { where: source, pin, now: now() });
  warnOfEnd(notAfter, now(), warn);
  return recipient;
}

async function fetchCertificate(url: string, pin: string, { send }: EditorWorld): Promise<Uint8Array> {
  const target = URL.parse(url);
  if (!send)
    throw usageError('nothing is fetched here, and the certificate is at a URL', 'pin it in a file instead');
  if (target && ['https:', 'http:'].includes(target.protocol))
    return follow(target, url, { transport: { send }, acceptsHttp: pin !== '' });
  throw usageError('the certificate is neither a file nor an https URL');
}

function unpinned(cluster: string, what: 'certificate' | 'recipients'): SealedSecretsError {
  const format = what === 'recipients' ? ' in format v2' : '';
  return usageError(
    `cluster ${cluster} names no ${what}, so that nothing can be sealed for it${format} here`,
    what === 'certificate'
      ? 'save it with kubeseal --fetch-cert, and name the file in .kubeseal.yaml'
      : 'name recipients in .kubeseal.yaml, or seal with kubeseal',
  );
}
