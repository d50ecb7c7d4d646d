// Over 200 lines: one table of situations.
import { DRIFT, NAME, ownSecret, PREFIX, refused, type Situation, SYNCED, UNSEALED } from './situation.ts';
import { apply, giveUp, removeItems, settle, unseal } from './steps.ts';

/** A SealedSecret that was unsealed changes, or its Secret does. */
export const UPDATES: readonly Situation[] = [
  {
    title: 'a value changes',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await unseal(scene, { a: '2' });
    },
  },
  {
    title: 'items come, go and are renamed',
    play: async (scene) => {
      await unseal(scene, { stays: '1', goes: '2', old: '3' });
      await unseal(scene, { stays: '1', comes: '2', new: '3' });
    },
  },
  {
    title: 'all items go',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await removeItems(scene);
    },
  },
  {
    title: 'labels and annotations of the template change',
    play: async (scene) => {
      await unseal(scene, { a: '1' }, { labels: { a: '1', b: '1' }, annotations: { x: '1', y: '1' } });
      await unseal(scene, { a: '1' }, { labels: { b: '2', c: '2' }, annotations: { y: '2', z: '2' } });
    },
  },
  {
    title: 'the template gets and loses the mark of a managed Secret',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await unseal(scene, { a: '1' }, { annotations: { [`${PREFIX}managed`]: 'true' } });
      await unseal(scene, { a: '2' });
    },
  },
  {
    title: 'the template begins to ask for a patch, so that items stay',
    play: async (scene) => {
      await unseal(scene, { a: '1', stays: '1' }, { labels: { l: '1' } });
      await unseal(scene, { a: '1', stays: '1' }, { annotations: { [`${PREFIX}patch`]: 'true' } });
      await unseal(scene, { a: '2' }, { annotations: { [`${PREFIX}patch`]: 'true' } });
    },
  },
  {
    title: 'the template begins to skip owner references',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      const annotations = { [`${PREFIX}skip-set-owner-references`]: 'true', [`${PREFIX}managed`]: 'true' };
      await unseal(scene, { a: '1' }, { annotations });
    },
  },
  {
    title: 'the template becomes immutable, which an existing Secret does not',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await apply(scene, await scene.sealWith({ immutable: true }, { a: '2' }));
    },
  },
  {
    title: 'a value of an immutable Secret changes',
    play: async (scene) => {
      await apply(scene, await scene.sealWith({ immutable: true }, { a: '1' }));
      await apply(scene, await scene.sealWith({ immutable: true }, { a: '2' }));
    },
    differs: {
      why: "upstream's condition is the API server's answer; ours says the same as the event: what to do",
      ours: refused(
        `Error updating NAMESPACE/${NAME}: the target Secret is immutable. Once a Secret is marked as immutable, it is not possible to revert this change nor to mutate the contents of the data field. You can only delete and recreate the Secret.`,
        UNSEALED,
      ),
    },
  },
  {
    title: 'a label of an immutable Secret changes',
    play: async (scene) => {
      await apply(scene, await scene.sealWith({ immutable: true }, { a: '1' }));
      await apply(
        scene,
        await scene.sealWith({ immutable: true, metadata: { labels: { l: '1' } } }, { a: '1' }),
      );
    },
  },
  {
    title: 'the type changes',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await apply(scene, await scene.sealWith({ type: 'example.com/own' }, { a: '1' }));
    },
    differs: {
      why: "the API server's answer names no way out; ours does",
      ours: refused(
        `Error updating NAMESPACE/${NAME}: the type of a Secret cannot be changed from Opaque to example.com/own. You can only delete and recreate the Secret.`,
        UNSEALED,
      ),
    },
  },
  {
    title: 'the type Opaque is spelled out',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await apply(scene, await scene.sealWith({ type: 'Opaque' }, { a: '2' }));
    },
  },
  {
    title: 'own labels and annotations of the SealedSecret change',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await scene.editMetadata({ labels: { own: 'x' }, annotations: { own: 'x' } });
      await settle(scene);
    },
  },
  {
    title: 'a value breaks and is mended',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await apply(scene, await scene.seal({ a: '2' }, { name: 'other' }));
      await unseal(scene, { a: '3' });
    },
  },
  {
    title: 'a value breaks: the Secret stays as it was',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await apply(scene, await scene.seal({ a: '2' }, { name: 'other' }));
    },
  },
  {
    title: 'the scope annotation alone is mended',
    play: async (scene) => {
      const { metadata, ...sealed } = await scene.seal({ a: '1' }, {}, { scope: 'cluster-wide' });
      await apply(scene, { ...sealed, metadata: { ...metadata, annotations: {} } });
      await giveUp(scene);
      await scene.editMetadata({ annotations: { [`${PREFIX}cluster-wide`]: 'true' } });
      await settle(scene);
    },
    differs: {
      why: 'section 7 row 11: upstream does not look at edits of annotations',
      ours: {
        secret: ownSecret({ a: '1' }, { annotations: { [`${PREFIX}cluster-wide`]: 'true' } }),
        synced: SYNCED,
        events: [UNSEALED, 'Warning ErrUnsealFailed: Failed to unseal: no key could decrypt secret (a)'],
      },
    },
  },
  {
    title: 'somebody deletes the Secret',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await settle(scene);
      await scene.deleteSecret();
      await scene.untilSecret();
    },
  },
  {
    title: 'somebody deletes a Secret that is managed and has no owner',
    play: async (scene) => {
      const annotations = { [`${PREFIX}skip-set-owner-references`]: 'true', [`${PREFIX}managed`]: 'true' };
      await unseal(scene, { a: '1' }, { annotations });
      await settle(scene);
      await scene.deleteSecret();
      await scene.untilSecret();
    },
  },
  {
    title: 'somebody deletes a Secret that has neither owner nor mark',
    play: async (scene) => {
      await unseal(scene, { a: '1' }, { annotations: { [`${PREFIX}skip-set-owner-references`]: 'true' } });
      await settle(scene);
      await scene.deleteSecret();
      await settle(scene);
    },
    differs: {
      why: 'the SealedSecret asks for a Secret, so ours makes it again; upstream had reported it as not its own',
      ours: {
        secret: ownSecret(
          { a: '1' },
          {
            owners: [],
            annotations: {
              [`${PREFIX}skip-set-owner-references`]: 'true',
              [`${PREFIX}written-for`]: `NAMESPACE/${NAME}`,
            },
          },
        ),
        synced: SYNCED,
        events: [UNSEALED],
      },
    },
  },
  {
    title: 'somebody edits a value in the Secret',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await scene.editSecret({ data: { a: btoa('hacked') } });
      await settle(scene);
    },
    differs: {
      why: 'section 7 row 11: drift is put back (--drift-policy=repair)',
      ours: { secret: ownSecret({ a: '1' }), events: [UNSEALED, DRIFT] },
    },
  },
  {
    title: 'somebody adds a label to the Secret',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await scene.editSecret({ metadata: { labels: { theirs: 'x' } } });
      await settle(scene);
    },
  },
  {
    title: 'the SealedSecret goes: its Secret is for the garbage collector',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await scene.deleteSealedSecret();
      await settle(scene);
    },
  },
  {
    title: 'the SealedSecret goes and comes back before the garbage collector saw it',
    play: async (scene) => {
      await unseal(scene, { a: '1' });
      await scene.deleteSealedSecret();
      await settle(scene);
      await unseal(scene, { a: '1' });
    },
    differs: {
      why: 'an owner of the same name that is gone has no better right; upstream waits for the garbage collector and a change',
      ours: { secret: ownSecret({ a: '1' }), synced: SYNCED, events: [UNSEALED] },
    },
  },
];
