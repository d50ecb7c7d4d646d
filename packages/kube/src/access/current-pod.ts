import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterAccess } from './current-context.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Access with the service account of the pod this runs in; undefined outside of a cluster. */
export async function readInCluster(
  env: Readonly<Record<string, string | undefined>>,
  directory = SERVICE_ACCOUNT,
): Promise<ClusterAccess | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) return undefined;
  const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => undefined);
  const token = await read('token');
  if (token === undefined) return undefined;
  const namespace = env['POD_NAMESPACE'] || (await read('namespace'))?.trim() || 'default';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    contextName: 'in-cluster',
    namespace,
    cluster: { server, 'certificate-authority': join(directory, 'ca.crt') },
    user: { tokenFile: join(directory, 'token') },
  };
}
