import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/types.ts';
import { isOlder } from './resource-version.ts';
import { ObjectStore } from './store.ts';

function object(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  return { metadata: { namespace: 'n', name, resourceVersion, uid } };
}
const key = { namespace: 'n', name: 'a' };

describe('isOlder', () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['99999999999999999998', '99999999999999999999', true],
    ['abc', '10', false],
    ['10', undefined, false],
  ])('says of %s and %s: %s', (version, reference, expected) => {
    expect(isOlder(version, reference)).toBe(expected);
  });
});

describe('ObjectStore', () => {
  it('reports additions, changes and deletions', () => {
    const store = new ObjectStore();
    const [first, second] = [object('a', '1'), object('a', '2')];
    expect(store.upsert(first)).toEqual({ current: first });
    expect(store.upsert(second)).toEqual({ current: second, previous: first });
    expect(store.remove(object('a', '3'))).toEqual({ previous: second });
    expect(store.get(key)).toBeUndefined();
  });

  it('ignores events that come twice or late', () => {
    const store = new ObjectStore();
    store.upsert(object('a', '10'));
    expect(store.upsert(object('a', '10'))).toBeUndefined();
    expect(store.upsert(object('a', '9'))).toBeUndefined();
    expect(store.remove(object('a', '9'))).toBeUndefined();
    expect(store.get(key)?.metadata.resourceVersion).toBe('10');
  });

  it('does not bring back a deleted object for a change that comes late', () => {
    const store = new ObjectStore();
    store.upsert(object('a', '5'));
    store.remove(object('a', '7'));
    expect(store.upsert(object('a', '6'))).toBeUndefined();
    expect(store.upsert(object('a', '7'))).toBeUndefined();
    expect(store.get(key)).toBeUndefined();
  });

  it('reports and remembers a deletion that overtook the creation', () => {
    const store = new ObjectStore();
    expect(store.remove(object('a', '7'))).toEqual({ previous: object('a', '7') });
    expect(store.remove(object('a', '7'))).toBeUndefined();
    expect(store.upsert(object('a', '6'))).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it('keeps a re-created object when the deletion of its predecessor comes late', () => {
    const store = new ObjectStore();
    store.upsert(object('a', '5', 'old'));
    const recreated = object('a', '9', 'new');
    store.upsert(recreated);
    expect(store.remove(object('a', '7', 'old'))).toBeUndefined();
    expect(store.get(key)).toBe(recreated);
    expect(store.upsert(object('a', '11', 'new'))?.current).toBeDefined();
  });

  it('replaces everything by a list, reports the differences and keeps unchanged objects', () => {
    const store = new ObjectStore();
    const [kept, changed, gone] = [object('a', '1'), object('b', '2'), object('c', '3')];
    store.replaceAll([kept, changed, gone]);
    const changes = store.replaceAll([object('a', '1'), object('b', '4'), object('d', '5')]);
    expect(changes).toEqual([
      { current: object('b', '4'), previous: changed },
      { current: object('d', '5') },
      { previous: gone },
    ]);
    expect(store.get(key)).toBe(kept);
    expect(store.hasSynced).toBe(true);
  });

  it('goes back in time only by a list', () => {
    const store = new ObjectStore();
    store.upsert(object('a', '100'));
    store.replaceAll([object('a', '50')]);
    expect(store.get(key)?.metadata.resourceVersion).toBe('50');
    expect(store.upsert(object('a', '51'))?.current).toBeDefined();
  });

  it('holds a bounded number of tombstones', () => {
    const store = new ObjectStore();
    for (let index = 0; index < 1_001; index += 1) store.remove(object(`x${index}`, '10'));
    expect(store.upsert(object('x0', '9'))).toBeDefined();
    expect(store.upsert(object('x1000', '9'))).toBeUndefined();
  });
});
