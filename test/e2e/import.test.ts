import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const holder = useWorld();
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-import-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('kubeseal import', () => {
  it('makes a SealedSecret of a Secret in the cluster, and the controller takes the Secret over', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    await world.client.create(path, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'legacy', labels: { app: 'web', 'app.kubernetes.io/managed-by': 'Helm' } },
      type: 'kubernetes.io/basic-auth',
      stringData: { username: 'ann', password: 'hunter2' },
    });
    const [file, cert] = [join(scratch, 'legacy.json'), join(scratch, 'cert.pem')];
    await writeFile(cert, await world.certificate());
    const flags = ['--cert', cert, '--kubeconfig', world.cluster.adminKubeconfig, '-w', file];
    const { code, stderr } = await runToEnd(KUBESEAL, ['import', `secret:${namespace}/legacy`, ...flags]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('note: created') });
    const text = await readFile(file, 'utf8');
    expect(text + stderr).not.toContain('hunter2');
    const managed = { metadata: { annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } } };
    await world.client.patch(`${path}/legacy`, 'merge', managed);
    await world.apply(JSON.parse(text) as ApiObject);
    const secret = await eventually('the Secret that the controller owns', async () => {
      const found = await world.client.get(`${path}/legacy`);
      return found.metadata.ownerReferences ? found : undefined;
    });
    expect(secret).toMatchObject({
      type: 'kubernetes.io/basic-auth',
      metadata: { labels: { app: 'web' }, ownerReferences: [{ kind: 'SealedSecret', name: 'legacy' }] },
    });
    expect(textsOf(secret)).toEqual({ username: 'ann', password: 'hunter2' });
  });
});
