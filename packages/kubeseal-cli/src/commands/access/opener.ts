import type { Opener } from '../../input/opening/opener.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { OPENING_FLAGS } from '../../invocation/flags/command-flags.ts';
import type { CLUSTER_FLAGS } from '../../invocation/flags/flags.ts';
import { kubeconfigOf, type Sealing } from '../../invocation/invocation.ts';
import { controllerOptions } from '../../invocation/options.ts';
import { usageError } from '../../invocation/usage-error.ts';

type OpeningFlags = CommandLine<typeof OPENING_FLAGS>['flags'];
type Given = Pick<CommandLine<typeof OPENING_FLAGS & typeof CLUSTER_FLAGS>, 'flags' | 'changed'>;

/** Whether something is given that can open values. @throws ERR_USAGE where two things are */
export function canOpen(flags: OpeningFlags): boolean {
  const hasKeys = flags['recovery-private-key'].length > 0;
  if (hasKeys && flags['from-cluster'])
    throw usageError('--recovery-private-key and --from-cluster exclude each other');
  return hasKeys || flags['from-cluster'];
}

/** @throws ERR_USAGE where nothing is given that can open values */
export function refuseNoOpener(flags: OpeningFlags): void {
  if (canOpen(flags)) return;
  throw usageError(
    'nothing is given that opens the values',
    'give --recovery-private-key FILE, or --from-cluster where you may read the Secrets',
  );
}

/** What the flags of a command open values with. @throws like openerOf */
export function openerFor({ flags, changed }: Given, { io }: Pick<CommandWorld, 'io'>): Promise<Opener> {
  const controller = controllerOptions(flags, changed);
  return openerOf(flags, { io, controller, kubeconfig: kubeconfigOf(flags, io) });
}

/**
 * What opens the values: the keys of --recovery-private-key, or with --from-cluster the Secrets of the
 * cluster.
 *
 * @throws ERR_USAGE where neither is given; ERR_KEY_INVALID, ERR_API_UNAVAILABLE
 */
export async function openerOf(
  flags: OpeningFlags,
  { io, kubeconfig, controller }: Pick<Sealing, 'io' | 'kubeconfig' | 'controller'>,
): Promise<Opener> {
  refuseNoOpener(flags);
  const files = flags['recovery-private-key'];
  if (files.length > 0) {
    const { keyOpener } = await import('../../input/opening/key-opener.ts');
    const { readRecoveryKeys } = await import('../../input/recovery-keys.ts');
    return keyOpener(await readRecoveryKeys(io.cwd, files));
  }
  const { clusterOpener } = await import('../../input/opening/cluster-opener.ts');
  const { connectCluster } = await import('../../controller/cluster.ts');
  const access = await kubeconfig.access();
  const options = { io, requestTimeout: controller.requestTimeout };
  return clusterOpener(await connectCluster(access, options), access.contextName);
}
