import { ANNOTATIONS, ownerReferenceTo, type SealedSecret, type Secret } from '@fuin/crypto-core';
import { WRITTEN_FOR, writtenFor } from './ownership.ts';

/**
 * The Secret to write for a decrypted one. Of the template's metadata only labels and annotations count: with
 * owner references and finalizers an author could link foreign objects or make a Secret undeletable.
 */
export function desiredSecret(sealedSecret: SealedSecret, opened: Secret): Secret {
  const { name = '', namespace = '' } = sealedSecret.metadata;
  const labels = texts(opened.metadata.labels);
  const { [WRITTEN_FOR]: _claimed, ...annotations } = texts(opened.metadata.annotations);
  const isSet = (annotation: string) => annotations[annotation] === 'true';
  const isLoose = isSet(ANNOTATIONS.skipSetOwnerReferences);
  // without an owner, and without a mark that allows writing, nothing else would say whose Secret it is
  if (isLoose && !isSet(ANNOTATIONS.managed) && !isSet(ANNOTATIONS.patch)) {
    annotations[WRITTEN_FOR] = writtenFor(sealedSecret);
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(isLoose ? {} : { ownerReferences: [ownerReferenceTo(sealedSecret)] }),
    },
    ...(opened.type ? { type: opened.type } : {}),
    ...(opened.immutable === undefined ? {} : { immutable: opened.immutable }),
    data: opened.data ?? {},
  };
}

/** Null counts as empty, like in Go. */
function texts(map: Readonly<Record<string, string | null>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, value ?? '']));
}
