import { randomInt } from 'node:crypto';
import { KEY_LABEL, KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { KeyMaker } from '../generation.ts';
import type { DrawnKey } from '../key-secret.ts';
import { dataOf, type Wrapping } from './wrapping.ts';

/** As Kubernetes makes the ends of generated names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const RANDOM_CHARACTERS = 5;

/**
 * Makes the same keys, but wrapped: no private key is ever stored in the clear. Where the key service fails,
 * no key is made.
 */
export function wrappedMaker(maker: KeyMaker, wrapping: Wrapping): KeyMaker {
  return {
    format: maker.format,
    source: 'own-kind',
    draw: async () => {
      const drawn = await maker.draw();
      return {
        id: drawn.id,
        toSecret: async (validity) => wrapped(drawn, await drawn.toSecret(validity), wrapping),
      };
    },
  };
}

/** The name is chosen here, since the key is bound to it before the server sees the Secret. */
async function wrapped({ id }: DrawnKey, plain: KubeObject, wrapping: Wrapping): Promise<KubeObject> {
  const { generateName = '', labels = {}, namespace = '', ...metadata } = plain.metadata;
  const { [KEY_LABEL]: _plainKey, ...otherLabels } = labels;
  const name = `${generateName}${randomEnd()}`;
  return {
    ...plain,
    metadata: { ...metadata, name, namespace, labels: { ...otherLabels, [SEALING_KEY_LABEL]: 'active' } },
    type: KEY_TYPES.wrapped,
    data: await wrapping.wrap(dataOf(plain), { namespace, name, fingerprint: id }),
  };
}

function randomEnd(): string {
  return Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
