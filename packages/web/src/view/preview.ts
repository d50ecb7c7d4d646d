import { formatManifest, orderSecret } from '@fuin/manifests';
import type { Order } from '../seal/order.ts';
import { secretOf } from '../seal/seal-order.ts';
import { el, says } from './dom.ts';

/** Stands in the place of a value, which nobody needs to see here. */
const HIDDEN = '••••••••';

/**
 * The Secret that the controller will make: its structure. Templates are shown as they are, since Go's
 * template engine is a hundred times as large as the page.
 *
 * @param read what the form says now
 */
export function previewOf(
  read: () => { readonly order: Order; readonly names: readonly string[] },
): HTMLElement {
  const text = el('pre', { tabindex: '0', role: 'region', 'data-label': 'preview' });
  const details: HTMLDetailsElement = el(
    'details',
    {
      toggle: () => {
        text.textContent = details.open ? structureOf(read()) : '';
      },
    },
    el('summary', {}, el('h2', says('preview'))),
    el('p', { class: 'help', ...says('previewHelp') }),
    text,
  );
  return details;
}

function structureOf({ order, names }: { readonly order: Order; readonly names: readonly string[] }): string {
  const secret = secretOf(order, new Map(), order.namespaces[0] ?? '');
  const data = {
    ...Object.fromEntries(order.templates),
    ...Object.fromEntries(names.map((name) => [name, HIDDEN])),
  };
  return formatManifest(orderSecret({ ...secret, data: undefined, stringData: data }), 'yaml');
}
