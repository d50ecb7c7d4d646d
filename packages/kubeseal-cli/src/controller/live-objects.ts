import { SealedSecretsError } from '@fuin/crypto-core';
import { type Fields, fieldsOf } from '../io/fields.ts';
import type { Cluster } from './cluster.ts';
import { codeOfAnswer, describeAnswer } from './service.ts';

/** Where the API server has a SealedSecret. */
export function sealedSecretPath(namespace: string, name: string): string {
  const place = `namespaces/${encodeURIComponent(namespace)}`;
  return `/apis/bitnami.com/v1alpha1/${place}/sealedsecrets/${encodeURIComponent(name)}`;
}

/** An object of the API; undefined where there is none. @throws ERR_API_REJECTED, ERR_API_UNAVAILABLE */
export async function objectAt(cluster: Cluster, path: string): Promise<Fields | undefined> {
  const answer = await cluster.send(path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200)
    throw new SealedSecretsError(
      codeOfAnswer(answer),
      `cannot read from the cluster: ${describeAnswer(answer)}`,
    );
  try {
    return fieldsOf(JSON.parse(Buffer.from(answer.body).toString('utf8')));
  } catch {
    throw new SealedSecretsError('ERR_API_REJECTED', 'cannot read from the cluster: the answer is not JSON');
  }
}
