import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySecrets } from '../support/cluster/key-secret.ts';
import { textsOf } from '../support/objects.ts';
import { template, UPSTREAM_CHART } from '../support/tools/helm.ts';
import { Installation } from './installation.ts';
import { containerOf } from './pod.ts';

let release: Installation;
let namespace: string;

beforeAll(async () => {
  release = await Installation.inNewNamespace();
  namespace = await release.namespace();
});
afterAll(() => release?.close());

const versions = async () => {
  const { items } = await release.client.list(`/api/v1/namespaces/${namespace}/secrets`);
  return items.map(({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`);
};
const images = async () => (await release.pods()).map((pod) => containerOf(pod).image);

describe("a release of upstream's chart with upstream's controller", () => {
  it('opens a SealedSecret', async () => {
    await release.install(UPSTREAM_CHART);
    await release.untilReady(1);
    await release.openedAs(namespace, 'first', 'by upstream');
    expect(await keySecrets(release.client, release.home)).toHaveLength(1);
  });

  it('is upgraded in place: the same key, no Secret written, new values open', async () => {
    const before = await versions();
    await release.install();
    await release.untilReady(2);
    expect(new Set(await images())).toEqual(new Set([(await template()).container.image]));
    await release.openedAs(namespace, 'second', 'by ours');
    expect(await versions()).toEqual(expect.arrayContaining(before));
    expect(await keySecrets(release.client, release.home)).toHaveLength(1);
  });

  it('can be gone back to, and has every Secret then', async () => {
    await release.helm(['rollback', 'sealed-secrets', '1']);
    await release.untilRolledOut();
    await release.untilReady(1);
    await release.openedAs(namespace, 'third', 'by upstream again');
    const texts = ['first', 'second'].map(async (name) => textsOf(await release.secret(namespace, name)));
    expect(await Promise.all(texts)).toEqual([{ item: 'by upstream' }, { item: 'by ours' }]);
  });
});
