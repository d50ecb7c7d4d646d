import { KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { xWingKeySecret } from '../../packages/controller/src/testing/recorders.ts';
import type { ApiObject } from '../support/api/types.ts';
import type { Status } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import type { World } from '../support/world.ts';

const holder = useWorld();

const plain = (text: unknown) => Buffer.from(String(text), 'base64').toString('latin1');

/** The items of a key of format v2 that only the attacker has, and its id. */
async function attackersKey() {
  const { data, metadata } = await xWingKeySecret('stolen', { notBefore: new Date() });
  return { data: data as Record<string, string>, annotations: metadata.annotations ?? {} };
}

/** What makes a Secret look like a key. */
interface Disguise {
  readonly labels?: Readonly<Record<string, string>>;
  readonly type?: string;
}

/** A SealedSecret in the controller's own namespace whose Secret would be a key of format v2. */
async function plant(world: World, { labels, ...template }: Disguise): Promise<ApiObject> {
  const { data, annotations } = await attackersKey();
  const items = { seed: plain(data['seed']), 'public-key': plain(data['public-key']) };
  const sealed = await world.seal({ namespace: world.home, name: 'planted' }, items);
  const spec = sealed['spec'] as { template: { metadata?: object } };
  const metadata = { ...spec.template.metadata, annotations, ...(labels ? { labels } : {}) };
  spec.template = { ...spec.template, ...template, metadata };
  return world.apply(sealed);
}

const offers = async (world: World) => (await fetch(`${world.controller.url}/v2/recipients`)).status;

describe('a SealedSecret in the namespace of the controller', () => {
  it.each([
    ['its label', { labels: { [SEALING_KEY_LABEL]: 'active' } }],
    ['its label with another value', { labels: { [SEALING_KEY_LABEL]: 'retired' } }],
    ['its type', { type: KEY_TYPES.xWing }],
    ['both', { labels: { [SEALING_KEY_LABEL]: 'active' }, type: KEY_TYPES.xWing }],
  ] as readonly (readonly [string, Disguise])[])(
    'never becomes a key of format v2 by %s in its template',
    async (_what, template) => {
      const { world } = holder;
      const { metadata } = await plant(world, template);
      await eventually('the refusal', async () => {
        const { status } = await world.sealedSecret(world.home, 'planted');
        const { observedGeneration, conditions = [] } = (status ?? {}) as Status;
        return observedGeneration === metadata.generation && conditions[0]?.status === 'False'
          ? true
          : undefined;
      });
      expect(await world.secret(world.home, 'planted')).toBeUndefined();
      expect(await offers(world)).toBe(404);
    },
  );
  it('is refused the Secret that somebody labels as a key later, for good', async () => {
    const { world } = holder;
    const { data, annotations } = await attackersKey();
    const sealed = await world.seal({ namespace: world.home, name: 'later' }, { any: 'x' });
    await world.apply(sealed);
    await world.untilItem(world.home, 'later', ['any', 'x']);
    const owner = (await world.secret(world.home, 'later'))?.metadata.ownerReferences;
    const path = `/api/v1/namespaces/${world.home}/secrets`;
    await world.client.create(path, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'owned',
        annotations,
        labels: { [SEALING_KEY_LABEL]: 'active' },
        ...(owner ? { ownerReferences: owner } : {}),
      },
      type: KEY_TYPES.xWing,
      data,
    });
    await eventually('the refusal on the key Secret', async () => {
      const { labels } = (await world.client.get(`${path}/owned`)).metadata;
      return labels?.[SEALING_KEY_LABEL] === 'refused' ? true : undefined;
    });
    await world.untilEvent(world.home, 'owned', 'ErrKeyInvalid');
    expect(await offers(world)).toBe(404);
    await world.client.patch(`${path}/owned`, 'merge', { metadata: { ownerReferences: null } });
    expect(await offers(world)).toBe(404);
  });
});
