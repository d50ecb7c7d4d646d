import { printable, SealedSecretsError } from '@fuin/crypto-core';
import type { ExpectedFormat } from '../../inspect/lint/judge-format.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { recipientSource } from '../../invocation/settings/certificate-source.ts';
import type { PlacedRule } from '../../invocation/settings/settings.ts';
import type { Io } from '../../io/io.ts';
import type { PlacedCluster } from './pinned-cluster.ts';

type World = Pick<CommandWorld, 'warn'> & { readonly io: Pick<Io, 'cwd'> };

/**
 * Ids of the keys that the settings name for a cluster in format v2, ascending; undefined where they name
 * none.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID
 */
export async function pinnedRecipients(
  { cluster: { recipients }, settings: { place } }: PlacedCluster,
  { cwd }: Pick<Io, 'cwd'>,
): Promise<readonly string[] | undefined> {
  if (recipients === undefined) return undefined;
  const { readRecipients } = await import('../../recipients/words.ts');
  const words = recipients.map((each) => recipientSource(each, place, cwd));
  return (await readRecipients(words, cwd)).map(({ id }) => id).sort();
}

/**
 * In which format the settings want the values of the files of a rule, and for whom. Recipients that cannot
 * be read are warned of once, and keep nothing else from being checked.
 */
export function expectedFormats(
  world: World,
): (placed: PlacedCluster & { readonly rule: PlacedRule }) => Promise<ExpectedFormat | undefined> {
  const byCluster = new Map<string, Promise<readonly string[] | undefined>>();
  return async (placed) => {
    const { key, cluster, rule } = placed;
    if (!cluster.recipients && rule.formatVersion !== 'v2') return undefined;
    const recipients = byCluster.get(key) ?? readOrWarn(placed, world);
    byCluster.set(key, recipients);
    return { where: rule.where, recipients: await recipients };
  };
}

async function readOrWarn(
  placed: PlacedCluster,
  { io, warn }: World,
): Promise<readonly string[] | undefined> {
  try {
    return await pinnedRecipients(placed, io);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    warn(`warning: cluster ${printable(placed.cluster.name)}: ${error.message}`);
    return undefined;
  }
}
