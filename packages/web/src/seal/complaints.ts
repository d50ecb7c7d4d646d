import {
  fitsIntoSecret,
  isItemName,
  isLabelValue,
  isMetadataKey,
  isNamespaceName,
  isObjectName,
} from '@fuin/crypto-core';
import { leakingTemplate } from '@fuin/items';
import type { TextKey } from '../texts/texts.ts';
import type { Cluster, Order, Pairs } from './order.ts';

/** The part of the form that a person has to change. */
export type Place = 'clusters' | 'name' | 'namespaces' | 'items' | 'labels' | 'annotations' | 'templates';

/** What is wrong with an order: a text, a name that it mentions, and where. Never a value. */
export interface Complaint {
  readonly text: TextKey;
  readonly about?: string;
  readonly place: Place;
}

/** Everything that is wrong with an order, in the order of the form. */
export function complaintsAbout(order: Order, clusters: readonly Cluster[], now: Date): Complaint[] {
  return [
    ...aboutClusters(clusters, now),
    ...aboutPlace(order),
    ...aboutItems(order),
    ...aboutPairs(order.labels, 'labels', isLabelValue),
    ...aboutPairs(order.annotations, 'annotations', () => true),
    ...aboutTemplates(order),
  ];
}

/** What is wrong with those that values are sealed for. */
function aboutClusters(clusters: readonly Cluster[], now: Date): Complaint[] {
  if (clusters.length === 0) return [{ text: 'needsCluster', place: 'clusters' }];
  return clusters
    .filter(({ notAfter }) => notAfter !== undefined && notAfter < now)
    .map(({ name }) => ({ text: 'clusterExpired', about: name, place: 'clusters' }));
}

function aboutPlace({ name, namespaces, scope }: Order): Complaint[] {
  const bad = namespaces.find((namespace) => !isNamespaceName(namespace));
  return [
    ...(isObjectName(name) ? [] : [{ text: 'badName', place: 'name' } as const]),
    ...(namespaces.length === 0 && scope !== 'cluster-wide'
      ? [{ text: 'needsNamespace', place: 'namespaces' } as const]
      : []),
    ...(bad === undefined ? [] : [{ text: 'badNamespace', about: bad, place: 'namespaces' } as const]),
  ];
}

function aboutItems({ items }: Order): Complaint[] {
  if (items.length === 0) return [{ text: 'needsItem', place: 'items' }];
  const names = items.map(([name]) => name);
  const bytes = items.reduce((sum, [, value]) => sum + value.length, 0);
  return [
    ...names
      .filter((name) => !isItemName(name))
      .map((about) => ({ text: 'badItemName', about, place: 'items' }) as const),
    ...twice(names, 'items'),
    ...(fitsIntoSecret(bytes) ? [] : [{ text: 'tooLarge', place: 'items' } as const]),
  ];
}

function aboutPairs(
  pairs: Pairs,
  place: 'labels' | 'annotations',
  isValue: (text: string) => boolean,
): Complaint[] {
  return [
    ...pairs
      .filter(([key, text]) => !isMetadataKey(key) || !isValue(text))
      .map(([about]) => ({ text: 'badPair', about, place }) as const),
    ...twice(
      pairs.map(([key]) => key),
      place,
    ),
  ];
}

function aboutTemplates({ templates, items }: Order): Complaint[] {
  const names = templates.map(([name]) => name);
  const leak = leakingTemplate(new Map(templates), new Map(items));
  return [
    ...names
      .filter((name) => !isItemName(name))
      .map((about) => ({ text: 'badItemName', about, place: 'templates' }) as const),
    ...twice(names, 'templates'),
    ...(leak ? [{ text: 'leakingTemplate', about: leak.template, place: 'templates' } as const] : []),
  ];
}

function twice(names: readonly string[], place: Place): Complaint[] {
  const again = names.filter((name, at) => names.indexOf(name) !== at);
  return [...new Set(again)].map((about) => ({ text: 'givenTwice', about, place }));
}
