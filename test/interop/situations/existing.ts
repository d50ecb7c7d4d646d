import { NAME, ownSecret, PREFIX, refused, type Situation, SYNCED, UNSEALED } from './situation.ts';
import { apply, giveUp, settle, unseal } from './steps.ts';

const managed = { [`${PREFIX}managed`]: 'true' };
const patch = { [`${PREFIX}patch`]: 'true' };
const NOT_OWNED = `Resource "${NAME}" already exists and is not managed by SealedSecret`;

/** A Secret of that name is there before the SealedSecret. */
export const EXISTING: readonly Situation[] = [
  {
    title: 'a foreign Secret is there',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' }, { metadata: { labels: { l: 'x' } } });
      await unseal(scene, { a: '1' });
    },
  },
  {
    title: 'a foreign Secret is there, and the template alone has the marks',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' });
      await unseal(scene, { a: '1' }, { annotations: { ...managed, ...patch } });
    },
  },
  {
    title: 'a Secret with another owner is there',
    play: async (scene) => {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '0', controller: true };
      await scene.createSecret({ theirs: 'x' }, { metadata: { ownerReferences: [owner] } });
      await unseal(scene, { a: '1' });
    },
  },
  {
    title: 'a managed Secret is there: all of it is replaced, the mark too',
    play: async (scene) => {
      const metadata = { annotations: { ...managed, note: 'x' }, labels: { l: 'x' } };
      await scene.createSecret({ theirs: 'x', a: '0' }, { metadata });
      await unseal(scene, { a: '1' }, { labels: { mine: 'x' } });
    },
  },
  {
    title: 'a managed Secret is there and the template repeats the mark',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' }, { metadata: { annotations: managed } });
      await unseal(scene, { a: '1' }, { annotations: managed });
    },
  },
  {
    title: 'a managed Secret with another owner is there',
    play: async (scene) => {
      const ownerReferences = [
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '0', controller: true },
      ];
      await scene.createSecret({ theirs: 'x' }, { metadata: { ownerReferences, annotations: managed } });
      await unseal(scene, { a: '1' });
    },
  },
  {
    title: 'a managed Secret with a finalizer is there',
    play: async (scene) => {
      const metadata = { annotations: managed, finalizers: ['example.com/theirs'] };
      await scene.createSecret({ theirs: 'x' }, { metadata });
      await unseal(scene, { a: '1' });
    },
  },
  {
    title: 'a managed Secret of another type is there',
    play: async (scene) => {
      await scene.createSecret(
        { theirs: 'x' },
        { type: 'example.com/own', metadata: { annotations: managed } },
      );
      await apply(scene, await scene.sealWith({ type: 'example.com/other' }, { a: '1' }));
    },
    differs: {
      why: "the API server's answer names no way out; ours does",
      ours: refused(
        `Error updating NAMESPACE/${NAME}: the type of a Secret cannot be changed from example.com/own to example.com/other. You can only delete and recreate the Secret.`,
      ),
    },
  },
  {
    title: 'a managed Secret of another type is there and the template has none',
    play: async (scene) => {
      await scene.createSecret(
        { theirs: 'x' },
        { type: 'example.com/own', metadata: { annotations: managed } },
      );
      await unseal(scene, { a: '1' });
    },
    differs: {
      why: 'section 7 row 14: a template that says nothing of the type leaves it as it is, since no update can change it',
      ours: {
        secret: ownSecret({ a: '1' }, { type: 'example.com/own' }),
        synced: SYNCED,
        events: [UNSEALED],
      },
    },
  },
  {
    title: 'a managed Secret that is immutable is there',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' }, { immutable: true, metadata: { annotations: managed } });
      await unseal(scene, { a: '1' });
    },
    differs: {
      why: "upstream's condition is the API server's answer; ours says what to do",
      ours: refused(
        `Error updating NAMESPACE/${NAME}: the target Secret is immutable. Once a Secret is marked as immutable, it is not possible to revert this change nor to mutate the contents of the data field. You can only delete and recreate the Secret.`,
      ),
    },
  },
  {
    title: 'a Secret to be patched is there: it gets items, labels and annotations and no owner',
    play: async (scene) => {
      const metadata = { annotations: { ...patch, note: 'x' }, labels: { l: 'x', both: 'theirs' } };
      await scene.createSecret({ theirs: 'x', a: '0' }, { metadata });
      await unseal(scene, { a: '1' }, { labels: { both: 'ours' }, annotations: { mine: 'x' } });
    },
  },
  {
    title: 'a Secret to be patched loses nothing when an item leaves the SealedSecret',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' }, { metadata: { annotations: patch } });
      await unseal(scene, { a: '1', b: '1' });
      await unseal(scene, { a: '2' });
    },
  },
  {
    title: 'a Secret both managed and to be patched is there: it gets an owner as well',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' }, { metadata: { annotations: { ...managed, ...patch } } });
      await unseal(scene, { a: '1' });
    },
  },
  {
    title: 'an empty Secret to be patched is there',
    play: async (scene) => {
      await scene.createSecret({}, { metadata: { annotations: patch } });
      await unseal(scene, { a: '1' });
    },
  },
  {
    title: 'a Secret to be patched is there and the template skips owner references',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' }, { metadata: { annotations: { ...managed, ...patch } } });
      await unseal(scene, { a: '1' }, { annotations: { [`${PREFIX}skip-set-owner-references`]: 'true' } });
    },
  },
  {
    title: 'a foreign Secret is marked as managed later',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' });
      await unseal(scene, { a: '1' });
      await giveUp(scene);
      await scene.editSecret({ metadata: { annotations: managed } });
      await settle(scene);
    },
    differs: {
      why: 'section 7 row 11: upstream waits for a change of the SealedSecret',
      ours: {
        secret: ownSecret({ a: '1' }),
        synced: SYNCED,
        events: [UNSEALED, `Warning ErrUpdateFailed: ${NOT_OWNED}`],
      },
    },
  },
  {
    title: 'a foreign Secret is deleted later',
    play: async (scene) => {
      await scene.createSecret({ theirs: 'x' });
      await unseal(scene, { a: '1' });
      await giveUp(scene);
      await scene.deleteSecret();
      await settle(scene);
    },
    differs: {
      why: 'the name is free now, and the SealedSecret still asks for its Secret; upstream waits for a change',
      ours: {
        secret: ownSecret({ a: '1' }),
        synced: SYNCED,
        events: [UNSEALED, `Warning ErrUpdateFailed: ${NOT_OWNED}`],
      },
    },
  },
];
