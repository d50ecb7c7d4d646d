import { afterAll, beforeAll, describe, it } from 'vitest';
import { sealedPath } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { Installation } from './installation.ts';

let release: Installation;

beforeAll(async () => {
  release = await Installation.inNewNamespace();
  await release.install();
});
afterAll(() => release?.close());

describe('the garbage collector of Kubernetes', () => {
  it('deletes the Secret of a deleted SealedSecret', async () => {
    const namespace = await release.namespace();
    await release.openedAs(namespace, 'short-lived', '1');
    await release.client.delete(sealedPath(namespace, 'short-lived'));
    await eventually(
      'the Secret to go',
      async () => (await release.secret(namespace, 'short-lived')) === undefined || undefined,
    );
  });

  it('leaves the Secret where the SealedSecret is deleted with its dependents orphaned', async () => {
    const namespace = await release.namespace();
    await release.openedAs(namespace, 'left', '1');
    await release.client.delete(sealedPath(namespace, 'left'), { propagationPolicy: 'Orphan' });
    await eventually('the owner reference to go', async () => {
      const { metadata } = (await release.secret(namespace, 'left')) ?? { metadata: {} };
      return metadata.uid !== undefined && (metadata.ownerReferences ?? []).length === 0 ? true : undefined;
    });
  });
});

describe('a deleted namespace', () => {
  it('goes with its SealedSecrets and Secrets, which nobody creates again, and can be filled anew', async () => {
    const namespace = await release.namespace();
    const path = `/api/v1/namespaces/${namespace}`;
    for (const name of ['a', 'b', 'c']) await release.openedAs(namespace, name, name);
    await release.client.delete(path);
    await eventually('the namespace to go', async () => {
      const { code } = await release.client.request('GET', path);
      return code === 404 || undefined;
    });
    await release.client.create('/api/v1/namespaces', { metadata: { name: namespace } });
    await release.openedAs(namespace, 'a', 'another');
  });
});
