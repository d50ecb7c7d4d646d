import { isKeyId, type SealedSecret } from '@fuin/crypto-core';
import type { Cluster } from '../controller/cluster.ts';
import { objectAt, sealedSecretPath } from '../controller/live-objects.ts';
import { type Fields, fieldsOf, textsOf } from '../io/fields.ts';

/** What a cluster says of a SealedSecret. Anyone who may write its status could have written it. */
export interface LiveEvidence {
  /** Fingerprint of the key that opened each item whose sealed value is the same in the cluster. */
  readonly keys: ReadonlyMap<string, string>;
  /** Clauses about the live object, for a person. */
  readonly says: readonly string[];
}

const MAX_SHOWN = 300;

/** Asks the cluster about a SealedSecret. @throws ERR_API_REJECTED, ERR_API_UNAVAILABLE */
export async function askCluster(cluster: Cluster, sealedSecret: SealedSecret): Promise<LiveEvidence> {
  const { namespace = '', name = '' } = sealedSecret.metadata;
  if (namespace === '' || name === '')
    return { keys: new Map(), says: ['the file does not say in which namespace it is'] };
  const live = await objectAt(cluster, sealedSecretPath(namespace, name));
  if (!live) return { keys: new Map(), says: ['the cluster has no such SealedSecret'] };
  const sealed = fieldsOf(fieldsOf(live['spec'])['encryptedData']);
  const same = Object.entries(sealedSecret.spec.encryptedData).filter(
    ([item, value]) => Object.hasOwn(sealed, item) && sealed[item] === value,
  );
  const others = Object.keys(sealedSecret.spec.encryptedData).length - same.length;
  const says = others === 0 ? [] : [`the cluster holds other sealed values of ${others} of its items`];
  return {
    keys: keysOf(
      live,
      same.map(([item]) => item),
    ),
    says: [...says, ...failureOf(live)],
  };
}

/**
 * The keys that the controller noted when it last opened the object. It writes each key under one item only,
 * so of several keys the other items are not known.
 */
function keysOf({ metadata, status }: Fields, items: readonly string[]): Map<string, string> {
  const { generation, keys } = fieldsOf(fieldsOf(status)['lastUnseal']);
  if (generation === undefined || generation !== fieldsOf(metadata)['generation']) return new Map();
  const noted = Object.entries(textsOf(keys)).filter(([, id]) => isKeyId(id));
  const [only, ...more] = new Set(noted.map(([, fingerprint]) => fingerprint));
  if (only !== undefined && more.length === 0) return new Map(items.map((item) => [item, only]));
  return new Map(noted.filter(([item]) => items.includes(item)));
}

/** Since when the controller cannot open it, and its reason. */
function failureOf({ status }: Fields): string[] {
  const { conditions } = fieldsOf(status);
  const all = (Array.isArray(conditions) ? conditions : []).map(fieldsOf);
  const failing = ['Ready', 'Synced']
    .map((type) => all.find((each) => each['type'] === type && each['status'] === 'False'))
    .find((each) => each !== undefined);
  if (!failing) return [];
  const { reason, message, lastTransitionTime } = failing;
  const since = typeof lastTransitionTime === 'string' ? ` since ${lastTransitionTime.slice(0, 30)}` : '';
  const what = [reason, message].filter((each) => typeof each === 'string' && each !== '').join(': ');
  return [`the controller reports${since}: ${what.replace(/\s+/g, ' ').slice(0, MAX_SHOWN)}`];
}
