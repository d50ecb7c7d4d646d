import { MOST_CERTIFICATE_BYTES, MOST_ROWS } from '../load/limits.ts';
import type { Cluster } from '../seal/order.ts';
import { readClusters } from '../seal/read-clusters.ts';
import { textOf } from '../seal/text-of.ts';
import { button, el, named, PRIVATE, says } from './base/dom.ts';
import type { Notices } from './base/notices.ts';
import { sourceZone } from './base/source-zone.ts';

/** A certificate that is all there, or a recipient. */
const WHOLE = /-----END CERTIFICATE-----|^\s*fuin1\w{1000}/;

/** The certificates of clusters: pasted, dropped, chosen, or those of before. */
export class ClusterList {
  readonly element: HTMLElement;
  readonly #list = el('ul', { class: 'clusters' });
  readonly #rows = new Map<string, { readonly cluster: Cluster; readonly name: HTMLInputElement }>();
  /** Is told whenever the list changes. */
  onChange: () => void = () => undefined;

  constructor(notices: Notices) {
    const zone = sourceZone(
      {
        label: 'pasteCertificate',
        mostBytes: MOST_CERTIFICATE_BYTES,
        take: async (bytes, file) => {
          const text = textOf(bytes) ?? ''; // no PEM: the reader of certificates says so
          this.add(await readClusters(text, nameOf(file) || `cluster ${this.#rows.size + 1}`));
        },
        isWhole: (text) => WHOLE.test(text),
      },
      notices,
    );
    this.element = el('div', {}, this.#list, zone);
  }

  focus(): void {
    this.element.querySelector('textarea')?.focus();
  }

  /** The clusters with the names that a person gave them. */
  get clusters(): Cluster[] {
    return [...this.#rows.values()].map(({ cluster, name }) => ({ ...cluster, name: name.value }));
  }

  /** Adds those whose key is not there yet. */
  add(clusters: readonly Cluster[]): void {
    for (const cluster of clusters) {
      const { id } = cluster.recipient;
      if (this.#rows.has(id) || this.#rows.size >= MOST_ROWS) continue;
      const name = el('input', {
        ...PRIVATE,
        ...named('clusterName'),
        class: 'plain',
        maxlength: '63',
        value: cluster.name,
        input: () => this.onChange(),
      });
      this.#rows.set(id, { cluster, name });
      const row: HTMLElement = el(
        'li',
        {},
        name,
        button({ class: 'quiet', ...says('remove'), ...named('removeNamed', cluster.name) }, () => {
          this.#rows.delete(id);
          row.remove();
          this.onChange();
        }),
        el('code', {}, id),
        expiryOf(cluster),
      );
      this.#list.append(row);
    }
    this.onChange();
  }
}

function expiryOf({ notAfter }: Cluster): HTMLElement {
  if (!notAfter) return el('span', { class: 'help', ...says('neverExpires') });
  const isOver = notAfter < new Date();
  return el('span', {
    class: isOver ? 'bad' : 'help',
    ...says(isOver ? 'expiredOn' : 'validUntil'),
    'data-date': notAfter.toISOString(),
  });
}

/** `prod.pem` is the certificate of prod. */
function nameOf(file: string): string {
  return file.replace(/\.[^.]*$/, '').slice(0, 63);
}
