import { encodeBase64, type SealedSecret, type Secret, sealSecret } from '@fuin/crypto-core';
import { type Items, itemsForType } from '@fuin/items';
import { type Format, formatManifest, orderSealedSecret } from '@fuin/manifests';
import type { Cluster, Order } from './order.ts';

/** A SealedSecret and whom it is for. */
export interface SealedFor {
  readonly cluster: string;
  /** Empty where the Secret has none. */
  readonly namespace: string;
  readonly sealed: SealedSecret;
}

/**
 * Seals an order without complaints: one SealedSecret for each cluster and namespace, each like kubeseal's.
 *
 * @throws ERR_USAGE for items that the type does not fit; the errors of sealSecret
 */
export async function sealOrder(order: Order, clusters: readonly Cluster[]): Promise<SealedFor[]> {
  const items = await itemsForType(order.type, new Map(order.items), checkKeyPair);
  const places = order.namespaces.length === 0 ? [''] : order.namespaces;
  const wanted = clusters.flatMap((cluster) => places.map((namespace) => ({ cluster, namespace })));
  return Promise.all(
    wanted.map(async ({ cluster, namespace }) => {
      const sealed = await sealSecret(secretOf(order, items, namespace), cluster.recipient, order.scope);
      return { cluster: cluster.name, namespace, sealed: withTemplates(sealed, order) };
    }),
  );
}

/** The text of a SealedSecret as kubeseal prints it. */
export function printSealed({ sealed }: SealedFor, format: Format): string {
  return formatManifest(orderSealedSecret(sealed), format);
}

/** The Secret that is sealed for a namespace, as a manifest would have it. */
export function secretOf(order: Order, items: Items, namespace: string): Secret {
  const { name, type, immutable, labels, annotations, metadata } = order;
  const given = { labels: Object.fromEntries(labels), annotations: Object.fromEntries(annotations) };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, ...given, name, ...(namespace === '' ? {} : { namespace }) },
    ...(type === '' ? {} : { type }),
    ...(immutable ? { immutable } : {}),
    data: Object.fromEntries([...items].map(([item, value]) => [item, encodeBase64(value)])),
  };
}

function withTemplates(sealed: SealedSecret, { templates }: Order): SealedSecret {
  if (templates.length === 0) return sealed;
  const template = { ...sealed.spec.template, data: Object.fromEntries(templates) };
  return { ...sealed, spec: { ...sealed.spec, template } };
}

async function checkKeyPair(...pair: Parameters<typeof import('./check-key-pair.ts').checkKeyPair>) {
  return (await import('./check-key-pair.ts')).checkKeyPair(...pair);
}
