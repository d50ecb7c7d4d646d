import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownServerProblem } from '../../kube-apiserver/availability.ts';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { Scene } from '../../support/scene.ts';
import { World } from '../../support/world.ts';

const P = 'sealedsecrets.bitnami.com/';
const SKIP = { [`${P}skip-set-owner-references`]: 'true' };
const MANAGED = { [`${P}managed`]: 'true' };
const PATCH = { [`${P}patch`]: 'true' };

/** What is on for every OpenShift cluster. */
const PLUGIN = '--enable-admission-plugins=OwnerReferencesPermissionEnforcement';

describe.skipIf(ownServerProblem())('a server that asks who may change owner references', () => {
  let world: World;
  let scene: Scene;

  beforeAll(async () => {
    world = await World.running(await startOwnKubeApiserver({ extraArgs: [PLUGIN] }));
    scene = await Scene.of(world);
  }, 60_000);
  afterAll(() => world?.close());

  async function apply(name: string, a: string, annotations: Record<string, string> = {}): Promise<void> {
    const sealed = await scene.named(name).seal({ a });
    const spec = sealed['spec'] as { template: object };
    const template = { ...spec.template, metadata: { annotations } };
    await scene.named(name).apply({ ...sealed, spec: { ...spec, template } });
  }

  const create = (name: string, annotations: Record<string, string>) =>
    scene.named(name).createSecret({ a: 'old' }, { metadata: { annotations } });

  const owners = async (name: string) =>
    (await scene.named(name).secret())?.metadata.ownerReferences?.map(({ kind }) => kind) ?? [];

  it.each([
    ['managed', MANAGED],
    ['managed-and-patch', { ...MANAGED, ...PATCH }],
  ])('lets a Secret be taken over: %s', async (name, annotations) => {
    await create(name, annotations);
    await apply(name, 'new');
    await scene.named(name).untilInSync({ a: 'new' });
    expect(await owners(name)).toEqual(['SealedSecret']);
  });

  it('lets a Secret be given up', async () => {
    await apply('given-up', '1');
    await scene.named('given-up').untilInSync({ a: '1' });
    for (const value of ['2', '3']) {
      await apply('given-up', value, SKIP);
      await scene.named('given-up').untilInSync({ a: value });
    }
    expect(await owners('given-up')).toEqual([]);
  });

  it('is not asked when a value changes, whatever owners others added', async () => {
    await apply('shared', '1');
    await scene.named('shared').untilInSync({ a: '1' });
    const path = scene.named('shared').secretPath;
    const { ownerReferences = [] } = (await world.client.get(path)).metadata;
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', name: 'theirs', uid: 'u' };
    await world.client.patch(path, 'merge', { metadata: { ownerReferences: [theirs, ...ownerReferences] } });
    await takeDeletionAway();
    await apply('shared', '2');
    await scene.named('shared').untilInSync({ a: '2' });
    expect(await owners('shared')).toEqual(['ConfigMap', 'SealedSecret']);
    await create('refused', MANAGED);
    await apply('refused', 'new');
    await scene.named('refused').untilRefused('RejectedByServer'); // the plugin is on
  });

  async function takeDeletionAway(): Promise<void> {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/secrets-unsealer';
    const role = (await world.client.get(path)) as { rules?: readonly { verbs: readonly string[] }[] };
    const rules = role.rules?.map((rule) => ({
      ...rule,
      verbs: rule.verbs.filter((verb) => verb !== 'delete'),
    }));
    await world.client.patch(path, 'merge', { rules });
  }
});
