import type { ObjectMeta } from '@fuin/crypto-core';
import type { Order, Pairs } from '../seal/order.ts';
import { el, says } from './base/dom.ts';
import { PairList } from './pair-list.ts';

type Values = Pick<Order, 'labels' | 'annotations' | 'templates' | 'immutable' | 'metadata'>;

/** What few Secrets need: labels, annotations, templates. Closed until somebody asks for it. */
export class Details {
  readonly element: HTMLDetailsElement;
  readonly labels: PairList = new PairList('labels', 'addLabel');
  readonly annotations: PairList = new PairList('annotations', 'addAnnotation');
  readonly templates: PairList = new PairList('templates', 'addTemplate', 'templatesHelp');
  readonly #immutable = el('input', { type: 'checkbox' });
  #metadata: ObjectMeta = {};

  constructor() {
    const { labels, annotations, templates } = this;
    this.element = el(
      'details',
      {},
      el('summary', {}, el('h2', says('more'))),
      labels.element,
      annotations.element,
      templates.element,
      el('label', { class: 'check' }, this.#immutable, el('span', says('immutable'))),
    );
  }

  get values(): Values {
    return {
      labels: this.labels.pairs,
      annotations: this.annotations.pairs,
      templates: this.templates.pairs,
      immutable: this.#immutable.checked,
      metadata: this.#metadata,
    };
  }

  /** Shows what a loaded Secret says. */
  show({ labels, annotations, templates, immutable, metadata }: Values): void {
    this.labels.fill(labels);
    this.annotations.fill(annotations);
    this.templates.fill(templates);
    this.#immutable.checked = immutable;
    this.#metadata = metadata;
    this.element.open = labels.length + annotations.length + templates.length > 0 || immutable;
  }

  clear(): void {
    const none: Pairs = [];
    this.show({ labels: none, annotations: none, templates: none, immutable: false, metadata: {} });
  }
}
