import { failed, NAME, PREFIX, refused, type Situation } from './situation.ts';
import { apply, unseal } from './steps.ts';

const REDACTED = "the API server's answer quotes values of the Secret, which nobody may read in a status";

/** A value that nobody can read, or a Secret that nobody may have. */
export const REFUSALS: readonly Situation[] = [
  {
    title: 'it was sealed for another name',
    play: async (scene) => apply(scene, await scene.seal({ a: '1' }, { name: 'other' })),
  },
  {
    title: 'it was sealed for another namespace',
    play: async (scene) => apply(scene, await scene.seal({ a: '1' }, { namespace: 'other' })),
  },
  {
    title: 'it was sealed namespace-wide for another namespace',
    play: async (scene) =>
      apply(scene, await scene.seal({ a: '1' }, { namespace: 'other' }, { scope: 'namespace-wide' })),
  },
  {
    title: 'it was sealed strictly and says that it is cluster-wide',
    play: async (scene) => {
      const { metadata, ...sealed } = await scene.seal({ a: '1' });
      await apply(scene, {
        ...sealed,
        metadata: { ...metadata, annotations: { [`${PREFIX}cluster-wide`]: 'true' } },
      });
    },
  },
  {
    title: 'one of its values was tampered with',
    play: async (scene) => {
      const { spec, ...sealed } = await scene.seal({ good: '1', bad: '2' });
      const { encryptedData } = spec as { encryptedData: Record<string, string> };
      const bytes = Buffer.from(encryptedData['bad'] ?? '', 'base64');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await apply(scene, {
        ...sealed,
        spec: { encryptedData: { ...encryptedData, bad: bytes.toString('base64') } },
      });
    },
  },
  {
    title: 'a value is not base64',
    play: (scene) => apply(scene, withItems({ a: 'AgB*' })),
  },
  {
    title: 'a value ends too early',
    play: (scene) => apply(scene, withItems({ a: 'AgBy' })),
    differs: {
      why: 'ours tells what is wrong with it: length is public',
      ours: failed('sealed value is too short: 3 bytes (a)'),
    },
  },
  {
    title: 'a value is empty',
    play: (scene) => apply(scene, withItems({ a: '' })),
    differs: {
      why: 'ours tells what is wrong with it: length is public',
      ours: failed('sealed value is too short: 0 bytes (a)'),
    },
  },
  {
    title: 'three values fail for the same reason',
    play: async (scene) => apply(scene, await scene.seal({ a: '1', b: '2', c: '3' }, { name: 'other' })),
  },
  {
    title: 'values fail for different reasons',
    play: async (scene) => {
      const { spec } = await scene.seal({ moved: '1' }, { name: 'other' });
      const { encryptedData } = spec as { encryptedData: Record<string, string> };
      await apply(scene, withItems({ ...encryptedData, broken: 'AgB*' }));
    },
  },
  {
    title: 'its data does not suit its type',
    play: async (scene) => apply(scene, await scene.sealWith({ type: 'kubernetes.io/tls' }, { a: '1' })),
  },
  {
    title: 'an item has a name that a Secret cannot have',
    play: (scene) => unseal(scene, { 'not a name': '1' }),
    differs: {
      why: REDACTED,
      ours: refused(
        `Secret "${NAME}" is invalid: data[not a name]: Invalid value: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
      ),
    },
  },
  {
    title: 'a label of the template has a value that labels cannot have',
    play: (scene) => unseal(scene, { a: '1' }, { labels: { l: 'not a label' } }),
    differs: {
      why: REDACTED,
      ours: refused(
        `Secret "${NAME}" is invalid: metadata.labels: Invalid value: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`,
      ),
    },
  },
  {
    title: 'its type is one that mints credentials',
    play: async (scene) => {
      const annotations = { 'kubernetes.io/service-account.name': 'default' };
      const type = 'kubernetes.io/service-account-token';
      await apply(scene, await scene.sealWith({ type, metadata: { annotations } }, { a: '1' }));
    },
    differs: {
      why: 'section 7 row 27: denied by default (--allow-token-secrets)',
      ours: {
        secret: undefined,
        ...refused(
          'Secrets of type kubernetes.io/service-account-token mint credentials: the controller refuses to write them without --allow-token-secrets',
        ),
      },
    },
  },
];

function withItems(encryptedData: Readonly<Record<string, string>>) {
  return { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata: {}, spec: { encryptedData } };
}
