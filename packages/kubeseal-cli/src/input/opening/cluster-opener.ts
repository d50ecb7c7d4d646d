import { type Bytes, decodeBase64, type SealedSecret, scopeOf } from '@fuin/crypto-core';
import type { Cluster } from '../../controller/cluster.ts';
import { objectAt, sealedSecretPath } from '../../controller/live-objects.ts';
import { type Fields, fieldsOf, textsOf } from '../../io/fields.ts';
import type { OpenedValues, Opener } from './opener.ts';

const OTHER_VALUE = 'the cluster holds another sealed value of it';

/**
 * Reads the values from the Secret that the controller wrote. A value counts only where the cluster's
 * SealedSecret holds the very same sealed value as the file, the controller says that it is in sync, and the
 * Secret belongs to it: otherwise the Secret may hold something else.
 */
export function clusterOpener(cluster: Cluster, context: string): Opener {
  return {
    source: `the cluster${context === '' ? '' : ` of context ${context}`}`,
    open: ({ sealedSecret }) => openFrom(cluster, sealedSecret),
    close: () => cluster.close(),
  };
}

async function openFrom(cluster: Cluster, sealedSecret: SealedSecret): Promise<OpenedValues> {
  const { namespace = '', name = '' } = sealedSecret.metadata;
  const items = Object.entries(sealedSecret.spec.encryptedData);
  const allClosed = (reason: string): OpenedValues => ({
    values: new Map(),
    closed: new Map(items.map(([item]) => [item, reason])),
  });
  if (namespace === '' || name === '') return allClosed('the file does not say in which namespace it is');
  const place = `namespaces/${encodeURIComponent(namespace)}`;
  const live = await objectAt(cluster, sealedSecretPath(namespace, name));
  if (!live) return allClosed('the cluster has no such SealedSecret');
  if (!isSynced(live)) return allClosed('the controller has not unsealed it as it is now');
  const secret = await objectAt(cluster, `/api/v1/${place}/secrets/${encodeURIComponent(name)}`);
  if (!secret || !isOwnedBy(secret, live)) return allClosed('the cluster has no Secret that belongs to it');
  return compare(sealedSecret, live, fieldsOf(secret['data']));
}

/** The values of those items whose sealed value is the same in the file and in the cluster. */
function compare({ metadata, spec }: SealedSecret, live: Fields, data: Fields): OpenedValues {
  const values = new Map<string, Bytes>();
  const closed = new Map<string, string>();
  const isSameScope = scopeOf(metadata.annotations) === scopeOf(annotationsOf(live));
  for (const [item, sealed] of Object.entries(spec.encryptedData)) {
    const reason = isSameScope ? whyClosed(item, sealed, fieldsOf(live['spec'])) : OTHER_VALUE;
    const value = reason === undefined ? valueIn(data, item) : reason;
    if (typeof value === 'string') closed.set(item, value);
    else values.set(item, value);
  }
  return { values, closed };
}

/** The value of an item of the Secret, or why there is none. */
function valueIn(data: Fields, item: string): Bytes | string {
  const text = fieldOf(data, item);
  if (typeof text !== 'string') return 'the Secret in the cluster lacks it';
  try {
    return decodeBase64(text);
  } catch {
    return 'the Secret in the cluster holds no Base64'; // the reason would quote the value's position
  }
}

/**
 * Why the value of the live Secret may not be the one that was sealed; undefined where it is. Upstream's
 * controllers up to v0.27 let a template of the item's name win.
 */
function whyClosed(item: string, sealed: string, liveSpec: Fields): string | undefined {
  if (fieldOf(fieldsOf(liveSpec['encryptedData']), item) !== sealed) return OTHER_VALUE;
  const template = fieldOf(fieldsOf(fieldsOf(liveSpec['template'])['data']), item);
  return template === undefined || template === null
    ? undefined
    : 'a template of its name may take its place in the Secret';
}

function fieldOf(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Whether the controller unsealed the newest generation. */
function isSynced({ metadata, status }: Fields): boolean {
  const { conditions, observedGeneration } = fieldsOf(status);
  const isSeen = observedGeneration === undefined || observedGeneration === fieldsOf(metadata)['generation'];
  const synced = (Array.isArray(conditions) ? conditions : [])
    .map(fieldsOf)
    .find(({ type }) => type === 'Synced');
  return isSeen && synced?.['status'] === 'True';
}

function isOwnedBy({ metadata }: Fields, owner: Fields): boolean {
  const owners = fieldsOf(metadata)['ownerReferences'];
  const uid = fieldsOf(owner['metadata'])['uid'];
  return (
    Array.isArray(owners) && typeof uid === 'string' && owners.some((each) => fieldsOf(each)['uid'] === uid)
  );
}

function annotationsOf({ metadata }: Fields): Readonly<Record<string, string>> {
  return textsOf(fieldsOf(metadata)['annotations']);
}
