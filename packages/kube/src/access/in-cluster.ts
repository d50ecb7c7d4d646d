import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { CachedFile } from './cached-file.ts';
import type { Connection, TlsMaterial } from './connection.ts';

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The connection of a pod's service account. Token and CA are projected files that the kubelet renews: both are
 * read again when older than half a minute, and the token at once after a 401.
 * @throws ERR_USAGE when there is no token
 */
export async function inClusterConnection(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT_DIR,
): Promise<Connection> {
  const token = new CachedFile(join(directory, 'token'));
  const ca = new CachedFile(join(directory, 'ca.crt'));
  await token.read().catch((cause: unknown) => {
    throw new SealedSecretsError('ERR_USAGE', 'the service account token of this pod cannot be read', {
      cause,
      hint: 'set automountServiceAccountToken: true',
    });
  });
  const namespace = await readFile(join(directory, 'namespace'), 'utf8').catch(() => '');
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  let tls: TlsMaterial = {};
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT']}`,
    namespace: namespace.trim() || undefined,
    isInCluster: true,
    async tls() {
      const pem = await ca.read().catch(() => undefined); // without the file the system's roots decide
      if (pem !== undefined && pem !== tls.ca) tls = { ca: pem };
      return tls;
    },
    async authorization(wasRefused) {
      return { authorization: `Bearer ${(await token.read(wasRefused)).trim()}` };
    },
  };
}
