import { printable, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import { currentKeyOf, type KnownKeys, withCurrent } from '../../inspect/sealing-key.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { INSPECT_FLAGS } from '../../invocation/flags/check-flags.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import { readInput } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { isFileName, readFirst } from '../../recipients/certificate/certificate.ts';
import { pinnedRecipients } from './expected.ts';
import { certificateOf, clusterFor, type PlacedCluster } from './pinned-cluster.ts';

type Flags = Pick<CommandLine<typeof INSPECT_FLAGS>['flags'], 'cert' | 'config' | 'no-config'>;
type World = Pick<CommandWorld, 'warn'> & { readonly io: Pick<Io, 'cwd'> };

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
  return keysOfSettings(known, flags, { io, warn });
}

/** The same by the settings alone; nothing is fetched. */
export function keysOfSettings(
  known: KnownKeys,
  flags: Pick<Flags, 'config' | 'no-config'>,
  { io, warn }: World,
): (file: string) => Promise<KnownKeys> {
  const settings = new RunSettings(flags, io.cwd);
  const byCluster = new Map<string, Promise<KnownKeys>>();
  return async (file) => {
    const placed = await clusterFor(file, settings, io);
    if (!placed) return known;
    const keys = byCluster.get(placed.key) ?? keysOf(placed, known, { io, warn });
    byCluster.set(placed.key, keys);
    return keys;
  };
}

/** A certificate that cannot be used does not keep the report from being made: its status is unknown. */
async function keysOf(placed: PlacedCluster, known: KnownKeys, { io, warn }: World): Promise<KnownKeys> {
  try {
    const pinned = await certificateOf(placed, io);
    const recipients = await pinnedRecipients(placed, io);
    const own = pinned ? withCurrent(known, await currentKeyOf(pinned.certificate)) : known;
    return { ...own, recipients };
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    warn(`warning: cluster ${printable(placed.cluster.name)}: ${error.message}`);
    return known;
  }
}

/** An expired certificate is accepted too: nothing is sealed with it. */
async function readCertificate(io: Pick<Io, 'cwd' | 'env'>, source: string): Promise<Certificate> {
  if (isFileName(source)) return readFirst(await readInput(io.cwd, source, 'cert'), source);
  const { fetchFromUrl } = await import('../../recipients/certificate/from-url.ts');
  const trust = { pin: '', acceptsHttp: false, authority: '', isInsecure: false };
  return readFirst(await fetchFromUrl({ source, ...trust }, io), source);
}
