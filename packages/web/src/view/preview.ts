import type { Order } from '../seal/order.ts';
import { el, named, says } from './base/dom.ts';

/**
 * The Secret that the controller will make: its structure. Templates are shown as they are, since Go's
 * template engine is a hundred times as large as the page.
 *
 * @param read what the form says now
 */
export function previewOf(
  read: () => { readonly order: Order; readonly names: readonly string[] },
): HTMLElement {
  const text = el('pre', { tabindex: '0', role: 'region', ...named('preview') });
  const show = async () => {
    const { structureOf } = await import('../load/structure.ts');
    const { order, names } = read();
    text.textContent = details.open ? structureOf(order, names) : '';
  };
  const details: HTMLDetailsElement = el(
    'details',
    {
      toggle: () => void show(),
    },
    el('summary', {}, el('h2', says('preview'))),
    el('p', { class: 'help', ...says('previewHelp') }),
    text,
  );
  return details;
}
