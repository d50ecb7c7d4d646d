import { encodeUtf8 } from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { complaintsAbout } from './complaints.ts';
import type { Cluster, Order } from './order.ts';
import { readClusters } from './read-clusters.ts';

const NOW = new Date('2026-12-01T00:00:00Z');
const order: Order = {
  name: 'db',
  namespaces: ['shop'],
  scope: 'strict',
  type: 'Opaque',
  immutable: false,
  items: [['password', encodeUtf8('correct-horse')]],
  labels: [],
  annotations: [],
  templates: [],
  metadata: {},
};
let clusters: readonly Cluster[];
beforeAll(async () => {
  clusters = await readClusters(readVector('x509/rsa-a.crt'), 'prod');
});

describe('complaintsAbout', () => {
  it('says nothing about a form that can be sealed', () => {
    expect(complaintsAbout(order, clusters, NOW)).toEqual([]);
  });
  it.each<[string, Partial<Order>, string]>([
    ['no name', { name: '' }, 'badName'],
    ['a name with capitals', { name: 'DB' }, 'badName'],
    ['no namespace', { namespaces: [] }, 'needsNamespace'],
    ['a bad namespace among good ones', { namespaces: ['shop', 'a.b'] }, 'badNamespace'],
    ['no item', { items: [] }, 'needsItem'],
    ['an item with a space', { items: [['a b', encodeUtf8('x')]] }, 'badItemName'],
    ['an item twice', { items: [...order.items, ...order.items] }, 'givenTwice'],
    ['more than a Secret can hold', { items: [['a', new Uint8Array(2 ** 20 + 1)]] }, 'tooLarge'],
    ['a label that Kubernetes refuses', { labels: [['app', 'a b']] }, 'badPair'],
    ['an annotation without a key', { annotations: [['', 'x']] }, 'badPair'],
    [
      'a template that holds a value',
      { templates: [['url', 'https://correct-horse@db']] },
      'leakingTemplate',
    ],
  ])('complains about %s', (_what, change, text) => {
    expect(complaintsAbout({ ...order, ...change }, clusters, NOW)).toMatchObject([{ text }]);
  });
  it('wants no namespace for the whole cluster', () => {
    expect(complaintsAbout({ ...order, scope: 'cluster-wide', namespaces: [] }, clusters, NOW)).toEqual([]);
  });
  it('wants a certificate, and one that has not expired', () => {
    expect(complaintsAbout(order, [], NOW)).toMatchObject([{ text: 'needsCluster', place: 'clusters' }]);
    const later = new Date('2100-01-01T00:00:00Z');
    expect(complaintsAbout(order, clusters, later)).toMatchObject([
      { text: 'clusterExpired', about: 'prod' },
    ]);
  });
});
