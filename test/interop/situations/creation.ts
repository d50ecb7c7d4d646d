import { NAME, ownSecret, PREFIX, type Situation, SYNCED, UNSEALED } from './situation.ts';
import { apply, unseal } from './steps.ts';

/** A SealedSecret appears where no Secret is. */
export const CREATION: readonly Situation[] = [
  { title: 'a SealedSecret appears', play: (scene) => unseal(scene, { a: '1', b: 'grün', empty: '' }) },
  {
    title: 'its template has labels, annotations, a type and is immutable',
    play: async (scene) => {
      const metadata = { labels: { app: 'shop' }, annotations: { note: 'x' } };
      const template = { metadata, type: 'example.com/own', immutable: true };
      await apply(scene, await scene.sealWith(template, { a: '1' }));
    },
  },
  {
    title: 'its template names another name and namespace',
    play: async (scene) => {
      const metadata = { name: 'other', namespace: 'other' };
      await apply(scene, await scene.sealWith({ metadata }, { a: '1' }));
    },
  },
  {
    title: 'it has no template at all',
    play: async (scene) => {
      const { spec, ...sealed } = await scene.seal({ a: '1' });
      const { encryptedData } = spec as { encryptedData: object };
      await apply(scene, { ...sealed, spec: { encryptedData } });
    },
  },
  {
    title: 'its template is empty but for null metadata',
    play: async (scene) => {
      const sealed = await scene.seal({ a: '1' });
      await apply(scene, {
        ...sealed,
        spec: { ...(sealed['spec'] as object), template: { metadata: null } },
      });
    },
  },
  { title: 'it has no items', play: (scene) => unseal(scene, {}) },
  {
    title: 'it has labels and annotations of its own',
    play: async (scene) => {
      const { metadata, ...sealed } = await scene.seal({ a: '1' });
      const own = { labels: { own: 'x' }, annotations: { own: 'x' } };
      await apply(scene, { ...sealed, metadata: { ...metadata, ...own } });
    },
  },
  {
    title: 'it was sealed namespace-wide under another name',
    play: async (scene) =>
      apply(scene, await scene.seal({ a: '1' }, { name: 'other' }, { scope: 'namespace-wide' })),
  },
  {
    title: 'it was sealed cluster-wide under another name and namespace',
    play: async (scene) => {
      const elsewhere = { name: 'other', namespace: 'other' };
      await apply(scene, await scene.seal({ a: '1' }, elsewhere, { scope: 'cluster-wide' }));
    },
  },
  {
    title: 'it was sealed cluster-wide and has both scope annotations',
    play: async (scene) => {
      const { metadata, ...sealed } = await scene.seal({ a: '1' }, {}, { scope: 'cluster-wide' });
      const annotations = { ...metadata.annotations, [`${PREFIX}namespace-wide`]: 'true' };
      await apply(scene, { ...sealed, metadata: { ...metadata, annotations } });
    },
  },
  {
    title: 'its scope annotation says True, which is not true',
    play: async (scene) => {
      const { metadata, ...sealed } = await scene.seal({ a: '1' });
      await apply(scene, {
        ...sealed,
        metadata: { ...metadata, annotations: { [`${PREFIX}cluster-wide`]: 'True' } },
      });
    },
  },
  {
    title: 'a scope annotation stands in its template only',
    play: async (scene) => {
      const metadata = { annotations: { [`${PREFIX}cluster-wide`]: 'true' } };
      await apply(scene, await scene.sealWith({ metadata }, { a: '1' }));
    },
  },
  {
    title: 'its template skips owner references and is managed',
    play: (scene) =>
      unseal(
        scene,
        { a: '1' },
        {
          annotations: { [`${PREFIX}skip-set-owner-references`]: 'true', [`${PREFIX}managed`]: 'true' },
        },
      ),
  },
  {
    title: 'its template skips owner references and asks for a patch',
    play: (scene) =>
      unseal(
        scene,
        { a: '1' },
        { annotations: { [`${PREFIX}skip-set-owner-references`]: 'true', [`${PREFIX}patch`]: 'true' } },
      ),
  },
  {
    title: 'its template skips owner references and nothing else',
    play: (scene) =>
      unseal(scene, { a: '1' }, { annotations: { [`${PREFIX}skip-set-owner-references`]: 'true' } }),
    differs: {
      why: 'upstream makes the Secret and then reports that it must not touch it; ours reports what happened',
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
    title: 'its template has finalizers',
    play: async (scene) => {
      const metadata = { finalizers: ['example.com/stay'] };
      await apply(scene, await scene.sealWith({ metadata }, { a: '1' }));
    },
    differs: {
      why: 'section 7 row 27: a template must not make a Secret that cannot be deleted',
      ours: { secret: ownSecret({ a: '1' }) },
    },
  },
  {
    title: 'its template skips owner references and has some of its own',
    play: async (scene) => {
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: '0' }];
      const annotations = { [`${PREFIX}skip-set-owner-references`]: 'true', [`${PREFIX}managed`]: 'true' };
      await apply(scene, await scene.sealWith({ metadata: { ownerReferences, annotations } }, { a: '1' }));
    },
    differs: {
      why: 'section 7 row 27: a template must not hand its Secret to a foreign owner',
      ours: {
        secret: ownSecret(
          { a: '1' },
          {
            owners: [],
            annotations: { [`${PREFIX}skip-set-owner-references`]: 'true', [`${PREFIX}managed`]: 'true' },
          },
        ),
      },
    },
  },
];
