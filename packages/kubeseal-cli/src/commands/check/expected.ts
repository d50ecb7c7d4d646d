import { printable, SealedSecretsError } from '@fuin/crypto-core';
import type { ExpectedFormat } from '../../inspect/lint/judge-format.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { recipientSource } from '../../invocation/settings/certificate-source.ts';
import type { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import type { Io } from '../../io/io.ts';

type World = Pick<CommandWorld, 'io' | 'warn'>;

/**
 * Ids of the keys that the settings name for a cluster in format v2, ascending; undefined where they name
 * none.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID
 */
export async function pinnedRecipients(
  { recipients }: NamedCluster,
  { place }: Settings,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<readonly string[] | undefined> {
  if (recipients === undefined) return undefined;
  const { readRecipients } = await import('../../recipients/words.ts');
  const words = recipients.map((each) => recipientSource(each, place, cwd));
  return (await readRecipients(words, cwd)).map(({ id }) => id).sort();
}

/**
 * In which format the settings want the values of each file, and for whom. Recipients that cannot be read are
 * warned of, and keep nothing else from being checked.
 *
 * @throws ERR_USAGE for settings that cannot be read
 */
export function expectedFormats(
  all: RunSettings,
  { io, warn }: World,
): (file: string) => Promise<ExpectedFormat | undefined> {
  const byCluster = new Map<string, Promise<readonly string[] | undefined>>();
  return async (file) => {
    if (file === 'stdin') return undefined;
    const settings = await all.settingsFor(file);
    const rule = settings?.ruleFor(file, io.cwd);
    if (!settings || !rule) return undefined;
    const cluster = settings.cluster(rule.cluster);
    if (!cluster.recipients && rule.formatVersion !== 'v2') return undefined;
    const key = `${settings.place.path}\0${cluster.name}`;
    const recipients = byCluster.get(key) ?? readOrWarn(cluster, settings, { io, warn });
    byCluster.set(key, recipients);
    return { where: `${settings.place.where} line ${rule.line}`, recipients: await recipients };
  };
}

async function readOrWarn(
  cluster: NamedCluster,
  settings: Settings,
  { io, warn }: World,
): Promise<readonly string[] | undefined> {
  try {
    return await pinnedRecipients(cluster, settings, io);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    warn(`warning: cluster ${printable(cluster.name)}: ${error.message}`);
    return undefined;
  }
}
