import { printable, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import { isFileName, readFirst, refuseOtherKey } from '../../certificate/certificate.ts';
import { type CurrentKey, currentKeyOf, type KnownKeys, withCurrent } from '../../inspect/sealing-key.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { INSPECT_FLAGS } from '../../invocation/flags/check-flags.ts';
import { certificateSource, isUrl } from '../../invocation/settings/certificate-source.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { readInput } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { pinnedRecipients } from './expected.ts';

type Flags = Pick<CommandLine<typeof INSPECT_FLAGS>['flags'], 'cert' | 'config' | 'no-config'>;

/**
 * Adds to what is known of keys the one that is sealed with now, file by file: the key of --cert for all, or
 * else that of the certificate which the settings name for the file.
 *
 * @throws ERR_CERTIFICATE_INVALID for --cert, ERR_USAGE for settings that cannot be read
 */
export async function currentKeysOf(
  known: KnownKeys,
  flags: Flags,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<(file: string) => Promise<KnownKeys>> {
  if (flags.cert !== '') {
    const forAll = withCurrent(known, await currentKeyOf(await readCertificate(io, flags.cert)));
    return async () => forAll;
  }
  const settings = new RunSettings(flags, io.cwd);
  const byCluster = new Map<string, Promise<KnownKeys>>();
  return async (file) => {
    const cluster = await clusterOf(file, settings, io);
    if (!cluster) return known;
    const { key } = cluster;
    const keys = byCluster.get(key) ?? keysOf(cluster, known, { io, warn });
    byCluster.set(key, keys);
    return keys;
  };
}

interface Placed {
  readonly key: string;
  readonly cluster: NamedCluster;
  readonly settings: Settings;
}

async function clusterOf(file: string, all: RunSettings, io: Pick<Io, 'cwd'>): Promise<Placed | undefined> {
  if (file === 'stdin') return undefined;
  const settings = await all.settingsFor(file);
  const name = settings?.ruleFor(file, io.cwd)?.cluster;
  if (!settings || name === undefined) return undefined;
  return { key: `${settings.place.path}\0${name}`, cluster: settings.cluster(name), settings };
}

/** A certificate that cannot be used does not keep the report from being made: its status is unknown. */
async function keysOf(
  placed: Placed,
  known: KnownKeys,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<KnownKeys> {
  try {
    const current = await pinnedKeyOf(placed, io);
    const recipients = await pinnedRecipients(placed.cluster, placed.settings, io);
    return { ...(current ? withCurrent(known, current) : known), recipients };
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    warn(`warning: cluster ${printable(placed.cluster.name)}: ${error.message}`);
    return known;
  }
}

/** The key of the certificate file of a cluster. A URL is not asked: nothing here contacts a server. */
async function pinnedKeyOf(
  { cluster: { certificate, fingerprint }, settings: { place } }: Placed,
  io: Pick<Io, 'cwd'>,
): Promise<CurrentKey | undefined> {
  if (certificate === undefined || isUrl(certificate)) return undefined;
  const source = certificateSource(certificate, place, io.cwd);
  const read = await readFirst(await readInput(io.cwd, source, 'cert'), source);
  if (fingerprint !== undefined) refuseOtherKey(read.recipient, fingerprint);
  return currentKeyOf(read);
}

/** An expired certificate is accepted too: nothing is sealed with it. */
async function readCertificate(io: Pick<Io, 'cwd' | 'env'>, source: string): Promise<Certificate> {
  if (isFileName(source)) return readFirst(await readInput(io.cwd, source, 'cert'), source);
  const { fetchFromUrl } = await import('../../certificate/from-url.ts');
  const trust = { pin: '', acceptsHttp: false, authority: '', isInsecure: false };
  return readFirst(await fetchFromUrl({ source, ...trust }, io), source);
}
