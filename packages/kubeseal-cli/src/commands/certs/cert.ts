import type { CommandWorld } from '../../invocation/command.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { type CertificateGiven, choosingFlag, isTyped } from '../access/cluster-sealing.ts';
import type { CertGiven } from './state.ts';

/** What a command line of `kubeseal cert` stands for. */
interface CertLine {
  readonly action: 'check' | 'update';
  /** Empty means all clusters. */
  readonly names: readonly string[];
}

/** Reads a command line without reading a file. @throws ERR_USAGE */
export function readCert({ flags, arguments: [word = '', ...names] }: CertGiven): CertLine {
  const action = word === 'update' ? word : 'check';
  if (flags.for !== '') throw usageError('--for is not for this command', 'name the clusters as arguments');
  if (action === 'check' && flags.yes) throw usageError('--yes is only for update');
  if (action === 'update' && flags.json) throw usageError('--json is only for check');
  return { action, names };
}

/** `kubeseal cert check|update [CLUSTER]...`. @throws ERR_FINDINGS, ERR_USAGE, ERR_CERTIFICATE_INVALID */
export async function cert(given: CertGiven, world: CommandWorld): Promise<void> {
  const { action, names } = readCert(given);
  const settings = await settingsOf(given, world);
  const clusters = (names.length > 0 ? [...new Set(names)] : [...settings.values.clusters.keys()]).map(
    (name) => settings.cluster(name),
  );
  if (action === 'update' && isTyped('cert', given, world.io) && clusters.length !== 1)
    throw usageError('--cert needs the name of one cluster');
  refuseOtherCluster(action, given, world);
  if (action === 'check') await (await import('./check.ts')).checkCerts(clusters, settings, given, world);
  else await (await import('./update.ts')).updateCerts(clusters, settings, given, world);
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
function refuseOtherCluster(action: CertLine['action'], given: CertificateGiven, { io }: CommandWorld): void {
  const changed = new Set(given.changed);
  if (action === 'update') changed.delete('cert');
  const flag = choosingFlag({ ...given, changed }, io);
  if (flag !== undefined)
    throw usageError(`--${flag} does not count here`, 'the settings file says what each cluster has');
}
