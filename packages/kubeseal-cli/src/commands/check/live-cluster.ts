import type { SealedSecret } from '@fuin/crypto-core';
import type { LiveEvidence } from '../../inspect/live.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { WHY_FLAGS } from '../../invocation/flags/check-flags.ts';
import { kubeconfigOf } from '../../invocation/invocation.ts';

/** Asks the cluster about SealedSecrets, one by one. */
export interface LiveCluster {
  /** @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED */
  ask(sealedSecret: SealedSecret): Promise<LiveEvidence | undefined>;
  close(): Promise<void>;
}

type Given = Pick<CommandLine<Omit<typeof WHY_FLAGS, 'json' | 'certs' | 'recovery-private-key'>>, 'flags'>;

/** The cluster of the context, with --from-cluster; otherwise nothing is asked. @throws ERR_USAGE */
export async function liveClusterOf(
  { flags }: Given,
  { io }: Pick<CommandWorld, 'io'>,
): Promise<LiveCluster> {
  if (!flags['from-cluster']) return { ask: async () => undefined, close: async () => undefined };
  const { connectCluster } = await import('../../controller/cluster.ts');
  const { askCluster } = await import('../../inspect/live.ts');
  const cluster = await connectCluster(await kubeconfigOf(flags, io).access(), {
    io,
    requestTimeout: flags['request-timeout'],
  });
  return { ask: (sealedSecret) => askCluster(cluster, sealedSecret), close: () => cluster.close() };
}
