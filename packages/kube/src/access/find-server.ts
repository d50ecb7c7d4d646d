import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { inClusterAccess } from './in-cluster.ts';
import { openServer } from './open-server.ts';
import type { ServerAccess } from './server-access.ts';

/** Where a program that runs in a Pod looks for the way to the API server. */
export interface ServerSource {
  /** Path of a kubeconfig; wins over everything else. */
  readonly kubeconfig?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a Pod finds its service account; the usual place by default. */
  readonly serviceAccountDir?: string;
}

/**
 * Finds the API server for a program without a terminal: the given kubeconfig, KUBECONFIG, the service
 * account of the Pod, ~/.kube/config, in this order. Code that reads kubeconfigs is loaded only when one is
 * read.
 *
 * @throws ERR_USAGE when there is none, or it cannot be read
 */
export async function findServer(source: ServerSource): Promise<ServerAccess> {
  const { kubeconfig = '', env } = source;
  const host = { env, stdin: { isTty: false }, stderr: { isTty: false } };
  const isPod = !kubeconfig && !env['KUBECONFIG'] && env['KUBERNETES_SERVICE_HOST'];
  if (isPod && env['KUBERNETES_SERVICE_PORT']) {
    const access = await inClusterAccess(env, source.serviceAccountDir);
    if (access) return openServer(access, host);
    throw new SealedSecretsError('ERR_USAGE', 'the service account token of this pod cannot be read', {
      hint: 'set automountServiceAccountToken: true',
    });
  }
  if (!hasKubeconfig(kubeconfig, env))
    throw new SealedSecretsError('ERR_USAGE', 'no way to the API server is configured', {
      hint: 'run in a pod with a service account, or set KUBECONFIG or --kubeconfig',
    });
  const { openKubeconfig } = await import('./kubeconfig.ts');
  const request = { flags: { kubeconfig }, env, cwd: process.cwd() };
  return openServer(await openKubeconfig(request).access().catch(explainMissing), host);
}

function explainMissing(error: unknown): never {
  if (!(error instanceof SealedSecretsError && error.message.startsWith('stat '))) throw error;
  throw error.withHint(
    'the file that --kubeconfig or KUBECONFIG names must exist and be readable; in a pod neither is needed',
  );
}

function hasKubeconfig(kubeconfig: string, env: ServerSource['env']): boolean {
  const isNamed = kubeconfig || env['KUBECONFIG'] || env['KUBERNETES_MASTER'];
  return Boolean(isNamed) || existsSync(join(env['HOME'] ?? homedir(), '.kube', 'config'));
}
