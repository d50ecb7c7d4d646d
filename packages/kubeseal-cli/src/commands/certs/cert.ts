import type { CommandWorld } from '../../invocation/command.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { type CertificateGiven, choosingFlag, isTyped } from '../access/cluster-sealing.ts';
import type { CheckGiven, UpdateGiven } from './state.ts';

/** @throws ERR_USAGE: the arguments name the clusters */
export function refuseFor({ flags }: Pick<CertificateGiven, 'flags'>): Promise<void> {
  if (flags.for === '') return Promise.resolve();
  throw usageError('--for is not for this command', 'name the clusters as arguments');
}

/** `kubeseal cert check [CLUSTER]...`. @throws ERR_FINDINGS, ERR_USAGE, ERR_CERTIFICATE_INVALID */
export async function certCheck(given: CheckGiven, world: CommandWorld): Promise<void> {
  const { clusters, settings } = await clustersOf(given, world);
  refuseOtherCluster(given, new Set(given.changed), world);
  await (await import('./check.ts')).checkCerts(clusters, settings, given, world);
}

/** `kubeseal cert update [CLUSTER]...`. @throws ERR_USAGE, ERR_CERTIFICATE_INVALID */
export async function certUpdate(given: UpdateGiven, world: CommandWorld): Promise<void> {
  const { clusters, settings } = await clustersOf(given, world);
  if (isTyped('cert', given, world.io) && clusters.length !== 1)
    throw usageError('--cert needs the name of one cluster');
  const changed = new Set(given.changed);
  changed.delete('cert');
  refuseOtherCluster(given, changed, world);
  await (await import('./update.ts')).updateCerts(clusters, settings, given, world);
}

/** The clusters that the arguments name; without one, all of them. @throws ERR_USAGE */
async function clustersOf(given: CertificateGiven & Pick<CheckGiven, 'arguments'>, world: CommandWorld) {
  const settings = await settingsOf(given, world);
  const names =
    given.arguments.length > 0 ? [...new Set(given.arguments)] : [...settings.values.clusters.keys()];
  return { settings, clusters: names.map((name) => settings.cluster(name)) };
}

async function settingsOf({ flags }: CertificateGiven, { io }: CommandWorld): Promise<Settings> {
  const settings = await new RunSettings(flags, io.cwd).settingsFor('');
  if (settings) return settings;
  throw usageError(
    'there is no .kubeseal.yaml in this directory or above',
    'write one, or name one with --config; kubeseal --fetch-cert prints the certificate of a context',
  );
}

/** @throws ERR_USAGE for flags that say another cluster than the settings do */
function refuseOtherCluster(
  given: CertificateGiven,
  changed: ReadonlySet<string>,
  { io }: CommandWorld,
): void {
  const flag = choosingFlag({ ...given, changed }, io);
  if (flag !== undefined)
    throw usageError(`--${flag} does not count here`, 'the settings file says what each cluster has');
}
