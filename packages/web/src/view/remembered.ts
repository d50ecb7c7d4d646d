import type { Cluster } from '../seal/order.ts';
import { readClusters } from '../seal/read-clusters.ts';
import { el, says } from './base/dom.ts';

const KEY = 'fuin.clusters';

/** Keeps certificates for the next visit, if a person asks for it. Values and Secrets are never kept. */
export class Remembered {
  readonly element: HTMLElement;
  readonly #box: HTMLInputElement;
  readonly #clusters: () => readonly Cluster[];

  constructor(clusters: () => readonly Cluster[]) {
    this.#clusters = clusters;
    this.#box = el('input', { type: 'checkbox', change: () => this.save() });
    this.element = el('label', { class: 'check' }, this.#box, el('span', says('remember')));
    if (!storage()) this.element.hidden = true;
  }

  /** The certificates of the last visit; none where something else stands in the store. */
  async load(): Promise<Cluster[]> {
    const kept = parse(storage()?.getItem(KEY) ?? '');
    if (kept.length === 0) return [];
    this.#box.checked = true;
    const read = kept.map(({ name, source }) => readClusters(source, name).catch(() => []));
    return (await Promise.all(read)).flat();
  }

  /** Keeps the certificates as they are now, or removes all of them. */
  save(): void {
    const kept = this.#clusters().map(({ name, source }) => [name, source]);
    if (this.#box.checked) storage()?.setItem(KEY, JSON.stringify(kept));
    else storage()?.removeItem(KEY);
  }
}

/** Undefined where the browser forbids it, as it may for pages from files. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

function parse(text: string): { readonly name: string; readonly source: string }[] {
  try {
    const rows = JSON.parse(text) as readonly (readonly unknown[])[];
    return rows.map(([name, source]) => ({ name: String(name), source: String(source) }));
  } catch {
    return []; // nothing is there, or something else than this page wrote
  }
}
