import type { ImportOptions } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { invalid, readKeySecret, type SealingKey } from '../key-secret.ts';
import { readXWingSecret } from '../x-wing-secret.ts';
import { contextOf, dataOf } from './wrapping.ts';

/**
 * Reads a wrapped key Secret whose items were replaced by those of the plain one.
 *
 * @throws ERR_KEY_SECRET_INVALID naming the Secret and the item, never its content
 */
export async function readUnwrappedSecret(secret: KubeObject, options: ImportOptions): Promise<SealingKey> {
  const { name, fingerprint } = contextOf(secret);
  const isRsa = Object.hasOwn(dataOf(secret), 'tls.key');
  const key = isRsa
    ? await readKeySecret({ ...secret, type: 'kubernetes.io/tls' }, options)
    : await readXWingSecret(secret);
  if (key.keyPair.id === fingerprint) return key;
  throw invalid(name, 'it holds another key than its annotation says');
}
