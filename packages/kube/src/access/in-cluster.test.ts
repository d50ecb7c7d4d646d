import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inClusterAccess } from './in-cluster.ts';

describe('inClusterAccess', () => {
  let directory: string;
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubeseal-in-cluster-'));
    await writeFile(join(directory, 'token'), 'a token');
    await writeFile(join(directory, 'namespace'), 'mine\n');
    await writeFile(join(directory, 'ca.crt'), 'CA');
  });
  it('uses the service account of the pod', async () => {
    expect(await inClusterAccess(env, directory)).toEqual({
      contextName: 'in-cluster',
      namespace: 'mine',
      cluster: { server: 'https://10.0.0.1:443', 'certificate-authority': join(directory, 'ca.crt') },
      user: { tokenFile: join(directory, 'token') },
    });
  });
  it('prefers POD_NAMESPACE and puts IPv6 hosts in brackets', async () => {
    const access = await inClusterAccess(
      { ...env, POD_NAMESPACE: 'other', KUBERNETES_SERVICE_HOST: 'fd00::1' },
      directory,
    );
    expect(access).toMatchObject({ namespace: 'other', cluster: { server: 'https://[fd00::1]:443' } });
  });
  it('leaves the decision to the authorities of the system where there is no ca.crt', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'in-cluster-'));
    await writeFile(join(bare, 'token'), 'a token');
    expect(await inClusterAccess(env, bare)).toMatchObject({
      namespace: 'default',
      cluster: { server: 'https://10.0.0.1:443' },
    });
    expect((await inClusterAccess(env, bare))?.cluster).not.toHaveProperty('certificate-authority');
  });
  it('is not there outside of a cluster', async () => {
    expect(await inClusterAccess({}, directory)).toBeUndefined();
    expect(await inClusterAccess(env, join(directory, 'nowhere'))).toBeUndefined();
  });
});
