import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { ClusterAccess } from './server-access.ts';

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Access with the service account of the Pod that the program runs in; undefined outside of a cluster, or
 * where the account has no token. Without `ca.crt` the system's authorities decide, like in client-go.
 */
export async function inClusterAccess(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT_DIR,
): Promise<ClusterAccess | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => undefined);
  const [token, ca, own] = await Promise.all(['token', 'ca.crt', 'namespace'].map(read));
  if (token === undefined) return undefined;
  return {
    contextName: 'in-cluster',
    namespace: env['POD_NAMESPACE'] || own?.trim() || 'default',
    cluster: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      ...(ca === undefined ? {} : { 'certificate-authority': join(directory, 'ca.crt') }),
    },
    user: { tokenFile: join(directory, 'token') },
  };
}
