import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { Connection } from './connection.ts';
import { inClusterConnection } from './in-cluster.ts';

/** Where to look for the way to the API server. */
export interface ConnectionSource {
  /** Path of a kubeconfig; wins over everything else. */
  readonly kubeconfig?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod finds its service account; the usual place by default. */
  readonly serviceAccountDir?: string;
}

/**
 * Finds the API server: the given kubeconfig, KUBECONFIG, the service account of the pod, ~/.kube/config, in this order.
 * Code that reads kubeconfig files is loaded only when one is read.
 * @throws ERR_USAGE when there is none, or it cannot be read
 */
export async function loadConnection(source: ConnectionSource): Promise<Connection> {
  const { kubeconfig, env } = source;
  const files = kubeconfig ? [kubeconfig] : (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  if (files.length > 0) return fromKubeconfig(files);
  if (env['KUBERNETES_SERVICE_HOST'] && env['KUBERNETES_SERVICE_PORT']) {
    return inClusterConnection(env, source.serviceAccountDir);
  }
  const usual = join(env['HOME'] ?? '', '.kube', 'config');
  if (env['HOME'] && existsSync(usual)) return fromKubeconfig([usual]);
  throw new SealedSecretsError('ERR_USAGE', 'no way to the API server is configured', {
    hint: 'run in a pod with a service account, or set KUBECONFIG or --kubeconfig',
  });
}

async function fromKubeconfig(files: readonly string[]): Promise<Connection> {
  const { kubeconfigConnection } = await import('./connection-kubeconfig.ts');
  return kubeconfigConnection(files);
}
