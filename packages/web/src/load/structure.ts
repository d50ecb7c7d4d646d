import { formatManifest, orderSecret } from '@fuin/manifests';
import type { Order } from '../seal/order.ts';
import { secretOf } from '../seal/seal-order.ts';

/** Stands in the place of a value, which nobody needs to see here. */
const HIDDEN = '••••••••';

/**
 * The Secret of an order as YAML: items without their values, templates as they are.
 *
 * @param names of all items
 */
export function structureOf(order: Order, names: readonly string[]): string {
  const secret = secretOf(order, new Map(), order.namespaces[0] ?? '');
  const items = Object.fromEntries(names.map((name) => [name, HIDDEN]));
  const stringData = { ...Object.fromEntries(order.templates), ...items };
  return formatManifest(orderSecret({ ...secret, data: undefined, stringData }), 'yaml');
}
