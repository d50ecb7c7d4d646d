import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyFiles } from '../support/api/apply.ts';
import type { ApiObject } from '../support/api/types.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { at, CHART, template, UPSTREAM_CHART } from '../support/tools/helm.ts';
import { useChart } from './chart.ts';
import { USERS } from './upstream-users.ts';

const context = useChart(false);
/** Who may meet an existing installation: all but the one whose release has another name. */
const MOVING = USERS.filter(({ release }) => release === undefined);

describe("a release of upstream's chart", () => {
  it.each(MOVING)(
    'of $who becomes ours under the same name and values, object by object, and gets a PodDisruptionBudget',
    async ({ values }) => {
      const { chart } = context;
      const namespace = await chart.namespaceFor(values);
      await chart.release(namespace, values, UPSTREAM_CHART);
      const before = await chart.identities(await template(values, { namespace, chart: UPSTREAM_CHART }));

      await chart.release(namespace, values, CHART);
      const ours = await template(values, { namespace });
      // for the second replica; upstream's chart has one by request
      const { metadata } = ours.find('PodDisruptionBudget');
      const budget = { [`PodDisruptionBudget/${metadata.name}`]: expect.any(String) };
      expect(await chart.identities(ours)).toEqual({ ...budget, ...before });
      const live = await chart.live(ours.deployment);
      expect(at(live, 'spec.template.spec.containers')).toEqual([
        expect.objectContaining({ image: ours.container.image, args: ours.container.args }),
      ]);
    },
  );

  it('can be gone back to', async () => {
    const { chart } = context;
    const namespace = await chart.namespaceFor({});
    await chart.release(namespace, {}, UPSTREAM_CHART);
    const { deployment, container } = await template({}, { namespace, chart: UPSTREAM_CHART });
    await chart.release(namespace, {}, CHART);
    await chart.helm(['rollback', 'sealed-secrets', '1', '--namespace', namespace]);
    const live = await chart.live(deployment);
    expect(at(live, 'spec.template.spec.containers.0')).toMatchObject({
      image: container.image,
      args: container.args,
    });
    expect(at(live, 'spec.template.spec.containers.0.env')).toBeUndefined();
  });

  it('that Helm 3 made can be taken over too', async () => {
    const { chart } = context;
    const namespace = await chart.namespaceFor({});
    const clientSide = ['--server-side=false', '--namespace', namespace]; // all that Helm 3 knows
    await chart.helm(['install', 'sealed-secrets', UPSTREAM_CHART, ...clientSide]);
    await chart.release(namespace, { logFormat: 'json' }, CHART);
    const ours = await template({ logFormat: 'json' }, { namespace });
    expect(at(await chart.live(ours.deployment), 'spec.template.spec.containers.0.args')).toEqual(
      ours.container.args,
    );
  });

  it('uninstalled before, leaves a definition that --skip-crds steps around', async () => {
    const { chart } = context;
    const namespace = await chart.namespaceFor({});
    const file = join(UPSTREAM_CHART, 'crds', 'bitnami.com_sealedsecrets.yaml');
    await applyFiles(chart.client, file); // as somebody else, as Helm 3 is to Helm 4
    const install = ['install', 'sealed-secrets', CHART, '--namespace', namespace];
    await expect(chart.helm(install)).rejects.toThrow(
      'conflict occurred while applying object /sealedsecrets',
    );
    await chart.helm([...install, '--skip-crds']);
    await chart.uninstall(namespace);
  });

  it('gets our definition of SealedSecret with crds.upgrade, which stays when the release goes', async () => {
    const { chart } = context;
    const namespace = await chart.namespaceFor({});
    await chart.release(namespace, {}, UPSTREAM_CHART);
    expect(await chart.release(namespace, {}, CHART)).toContain('crds.upgrade=true --take-ownership');
    const upgrade = ['upgrade', 'sealed-secrets', CHART, '--namespace', namespace, '--take-ownership'];
    const values = { crds: { upgrade: true } };
    const notes = await chart.helm([...upgrade, '--force-conflicts'], values);
    expect(notes).not.toContain('crds.upgrade');
    expect(JSON.stringify(await definition())).toContain('lastUnseal');
    await chart.helm(['upgrade', 'sealed-secrets', CHART, '--namespace', namespace], values);
    await chart.uninstall(namespace);
    expect(JSON.stringify(await definition())).toContain('lastUnseal');
  });

  it('hands its sealing keys over untouched', async () => {
    const { chart } = context;
    const namespace = await chart.namespaceFor({});
    await chart.release(namespace, {}, UPSTREAM_CHART);
    const key = await storeKey(chart.client, namespace, {
      key: await testKey('a', 40),
      name: 'sealed-secrets-keyxyz',
    });
    await chart.release(namespace, {}, CHART);
    expect(await chart.live({ ...key, apiVersion: 'v1', kind: 'Secret' })).toMatchObject({
      metadata: { uid: key.metadata.uid, resourceVersion: key.metadata.resourceVersion },
    });
  });
});

function definition(): Promise<ApiObject> {
  const name = 'sealedsecrets.bitnami.com';
  return context.chart.client.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
}
