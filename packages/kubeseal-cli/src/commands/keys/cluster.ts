import { isObjectName } from '@fuin/crypto-core';
import { connectCluster } from '../../controller/cluster.ts';
import { type ControllerService, openController } from '../../controller/service.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CLUSTER_FLAGS } from '../../invocation/flags/flags.ts';
import type { KEY_CLUSTER_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { kubeconfigOf } from '../../invocation/invocation.ts';
import { controllerOptions } from '../../invocation/options.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { KeyStore } from '../../keys/key-store.ts';

type Given = Pick<CommandLine<typeof CLUSTER_FLAGS>, 'flags' | 'changed'>;

/** Where the keys are. */
export interface KeyCluster {
  readonly store: KeyStore;
  /** For messages: `namespace kube-system of context prod`. */
  readonly where: string;
}

/**
 * Runs work with the key Secrets of the cluster that the flags choose.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE
 */
export async function withKeyCluster<T>(
  { flags, changed }: Pick<CommandLine<typeof KEY_CLUSTER_FLAGS>, 'flags' | 'changed'>,
  { io }: Pick<CommandWorld, 'io'>,
  work: (cluster: KeyCluster) => Promise<T>,
): Promise<T> {
  const { namespace, requestTimeout } = controllerOptions(flags, changed);
  const prefix = flags['key-prefix'];
  if (!isObjectName(prefix)) throw usageError('--key-prefix is not the name of a Secret');
  const access = await kubeconfigOf(flags, io).access();
  const cluster = await connectCluster(access, { io, requestTimeout });
  const context = access.contextName === '' ? '' : ` of context ${access.contextName}`;
  try {
    return await work({
      store: new KeyStore(cluster, namespace, prefix),
      where: `namespace ${namespace}${context}`,
    });
  } finally {
    await cluster.close();
  }
}

/** Runs work with the controller that the flags choose. @throws ERR_USAGE, ERR_API_UNAVAILABLE */
export async function withController<T>(
  { flags, changed }: Given,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
  work: (controller: ControllerService) => Promise<T>,
): Promise<T> {
  const options = controllerOptions(flags, changed);
  const access = await kubeconfigOf(flags, io).access();
  const connect = { io, requestTimeout: options.requestTimeout };
  const controller = await openController(options, access, connect, warn);
  try {
    return await work(controller);
  } finally {
    await controller.close();
  }
}
