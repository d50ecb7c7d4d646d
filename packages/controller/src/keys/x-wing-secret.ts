import {
  decodeBase64,
  KEY_TYPES,
  type KeyValidity,
  keyMarksOf,
  keyValidityIn,
  SEALING_KEY_LABEL,
} from '@fuin/crypto-core';
import {
  formatRecipient,
  importRecipient,
  readXWingKey,
  suiteOf,
  toXWingKey,
  XWingKeyPair,
} from '@fuin/crypto-core/v2';
import type { KubeObject } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import { NATIVE_ALGORITHMS } from '@fuin/native-hpke';
import type { KeyConfig } from '../config/config.ts';
import { type DrawnKey, KEY_LABELS, part, type SealingKey, wishesOf } from './key-secret.ts';
import type { DrawnSplitKey, SplitKeys } from './split/split-key.ts';

const SUITE = suiteOf(NATIVE_ALGORITHMS);
/** Between the prefix of key Secrets and what makes their names unique. */
const INFIX = '-v2-';

/**
 * Reads a key Secret of format v2. Without a readable annotation `key-validity` the key opens values, and is
 * not sealed with: there is no certificate to say until when.
 *
 * @throws ERR_KEY_SECRET_INVALID for anything that is wrong, naming the Secret and the item, never its
 * content
 */
export async function readXWingSecret(secret: KubeObject): Promise<SealingKey> {
  return readV2Secret(secret, async (data) => {
    const keyPair = await readXWingKey(data, SUITE);
    return { keyPair, published: formatRecipient(keyPair.recipient.publicKey) };
  });
}

/** The same for a key of format v2 of whatever kind. */
export async function readV2Secret(secret: KubeObject, read: SplitKeys['read']): Promise<SealingKey> {
  const name = String(secret.metadata.name ?? '');
  const key = await part(name, '', () => read(recordOf(secret['data']), secret['type']));
  const validity = keyValidityIn(secret.metadata.annotations);
  const wishes = wishesOf(secret, validity?.notBefore ?? new Date(0));
  const { notBefore, notAfter } = validity ?? { notBefore: wishes.createdAt, notAfter: wishes.createdAt };
  return { ...wishes, ...key, notBefore, notAfter };
}

/** The fingerprint of a key of format v2, by the public key in its Secret. @throws where that is none */
export async function publicIdOfV2(secret: KubeObject): Promise<string> {
  const publicKey = decodeBase64(String(recordOf(secret['data'])['public-key'] ?? ''));
  return (await importRecipient(publicKey, SUITE)).id;
}

/** Draws a new key of format v2. The seed is only in the Secret that is made of it. */
export async function drawXWingKey(config: SecretConfig, namespace: string): Promise<DrawnKey> {
  const material = await XWingKeyPair.generate(SUITE);
  const { id } = await XWingKeyPair.of(material, SUITE);
  return drawnKey({ id, type: KEY_TYPES.xWing, data: { ...toXWingKey(material) } }, config, namespace);
}

/** What the flags say about the Secrets of new keys. */
export type SecretConfig = Pick<KeyConfig, 'prefix' | 'labels' | 'annotations'>;

/** A new key of format v2 of whatever kind. */
export function drawnKey(
  { id, type, data }: DrawnSplitKey,
  { prefix, labels, annotations }: SecretConfig,
  namespace: string,
): DrawnKey {
  const others = Object.entries(labels).filter(([label]) => !KEY_LABELS.some((each) => each === label));
  return {
    id,
    toSecret: async (validity: KeyValidity) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        generateName: `${prefix}${INFIX}`,
        namespace,
        labels: { ...Object.fromEntries(others), [SEALING_KEY_LABEL]: 'active' },
        annotations: { ...annotations, ...keyMarksOf(id, validity) },
      },
      type,
      data,
    }),
  };
}
