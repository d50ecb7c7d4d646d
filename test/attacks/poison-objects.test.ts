import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { useWorld } from '../support/use-world.ts';
import type { World } from '../support/world.ts';

const holder = useWorld();

interface Spec {
  template: Record<string, unknown> & { metadata?: Record<string, unknown> };
  encryptedData: Record<string, unknown>;
}

function specOf(object: ApiObject): Spec {
  return object['spec'] as Spec;
}

/** Waits until an honest object, applied after the hostile one, is in sync: the controller works on. */
async function expectOthersServed(world: World): Promise<void> {
  const namespace = await world.namespace();
  await world.apply(await world.seal({ namespace, name: 'honest' }, { password: 'p' }));
  await world.untilItem(namespace, 'honest', ['password', 'p']);
}

/** Creates as the API server takes it, without the merging of an apply. */
function create(world: World, object: ApiObject): Promise<ApiObject> {
  const { namespace } = object.metadata;
  return world.client.create(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`, object);
}

describe('a poison SealedSecret hurts only itself', () => {
  it('when it has 10,000 broken items', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'many' }, {});
    const items = Array.from({ length: 10_000 }, (_, index) => [`item-${index}`, 'AAAA']);
    specOf(sealed).encryptedData = Object.fromEntries(items);
    await create(world, sealed);
    const { message = '' } = await world.untilSynced(namespace, 'many', 'False');
    expect(message.length).toBeLessThan(5_000);
    await expectOthersServed(world);
  });

  it('when item names hold control characters, and no line of the log can be forged by them', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'names' }, {});
    specOf(sealed).encryptedData = { 'a\nlevel=INFO msg=forged\u001b[2J': 'AAAA' };
    await create(world, sealed);
    const { message } = await world.untilSynced(namespace, 'names', 'False');
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(await world.controller.logs()).not.toMatch(/^level=INFO msg=forged/m);
    await expectOthersServed(world);
  });
});

describe('a template cannot reach beyond its own Secret', () => {
  it('takes name, namespace, owners and finalizers from nowhere but the SealedSecret', async () => {
    const { world } = holder;
    const [namespace, other] = [await world.namespace(), await world.namespace()];
    const sealed = await world.seal({ namespace, name: 'mine' }, { password: 'p' });
    specOf(sealed).template.metadata = {
      name: 'theirs',
      namespace: other,
      generateName: 'many-',
      uid: 'u',
      resourceVersion: '1',
      finalizers: ['example.com/never'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: other, uid: 'x', controller: true }],
      managedFields: [{ manager: 'x', operation: 'Apply' }],
      deletionTimestamp: '2020-01-01T00:00:00Z',
    };
    const applied = await create(world, sealed);
    const secret = await world.untilItem(namespace, 'mine', ['password', 'p']);
    expect(secret.metadata).toMatchObject({ name: 'mine', namespace });
    expect(secret.metadata.finalizers).toBeUndefined();
    expect(secret.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([applied.metadata.uid]);
    expect(await world.secret(other, 'theirs')).toBeUndefined();
    expect(await world.secret(namespace, 'theirs')).toBeUndefined();
  });

  it.each(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])(
    'makes no Secret of type %s',
    async (type) => {
      const { world } = holder;
      const namespace = await world.namespace();
      const annotations = { 'kubernetes.io/service-account.name': 'default' };
      const sealed = await world.seal({ namespace, name: 'token', annotations }, { extra: 'p' });
      specOf(sealed).template['type'] = type;
      await create(world, sealed);
      expect(await world.untilSynced(namespace, 'token', 'False')).toMatchObject({ reason: 'TypeForbidden' });
      expect(await world.secret(namespace, 'token')).toBeUndefined();
    },
  );

  it('makes no Secret while any value stays closed, whatever the template says', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'half' }, { password: 'p' });
    const spec = specOf(sealed);
    spec.encryptedData['broken'] = 'AAAA';
    spec.template['data'] = { x: '{{ fail .password }}' };
    await create(world, sealed);
    expect(await world.untilSynced(namespace, 'half', 'False')).toMatchObject({ reason: 'MalformedValue' });
    expect(await world.secret(namespace, 'half')).toBeUndefined();
  });

  it('keeps an item named __proto__ an item', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await world.seal({ namespace, name: 'proto' }, { one: '1' });
    const spec = specOf(sealed);
    spec.encryptedData = Object.fromEntries([['__proto__', spec.encryptedData['one']]]);
    await create(world, sealed);
    await world.untilSynced(namespace, 'proto', 'True');
    const texts = textsOf(await world.secret(namespace, 'proto'));
    expect(Object.entries(texts)).toEqual([['__proto__', '1']]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['one']).toBeUndefined();
  });
});
