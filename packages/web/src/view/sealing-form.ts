// Over 200 lines: the parts of the form meet in one place.
import { type Bytes, plaintextOf, type Secret, scopeOf, withScope } from '@fuin/crypto-core';
import type { OpenedSealed } from '../load/change-sealed.ts';
import { MOST_MANIFEST_BYTES, MOST_ROWS } from '../load/limits.ts';
import type { Loaded } from '../load/load-text.ts';
import { type Complaint, complaintsAbout, type Place } from '../seal/complaints.ts';
import type { Order } from '../seal/order.ts';
import { printSealed, sealOrder } from '../seal/seal-order.ts';
import { button, el, says } from './base/dom.ts';
import { Notices } from './base/notices.ts';
import { sourceZone } from './base/source-zone.ts';
import { ClusterList } from './cluster-list.ts';
import { Details } from './details.ts';
import { ItemList } from './item-list.ts';
import { previewOf } from './preview.ts';
import { ResultView } from './result-view.ts';
import { SecretFields } from './secret-fields.ts';

/** A SealedSecret that was loaded, and the name of its file. */
interface Changing {
  readonly opened: OpenedSealed;
  readonly file: string;
}

/** The form: what a person gives, and the SealedSecrets that come of it. */
export class SealingForm {
  readonly element: HTMLElement;
  readonly clusters: ClusterList;
  readonly #notices = new Notices();
  readonly #fields: SecretFields;
  readonly #items: ItemList;
  readonly #details = new Details();
  readonly #more: HTMLElement;
  readonly #result: ResultView;
  readonly #banner = el('p', { class: 'banner', hidden: true });
  #changing: Changing | undefined;

  constructor() {
    this.clusters = new ClusterList(this.#notices);
    this.#items = new ItemList(this.#notices);
    this.#fields = new SecretFields((type) => this.#items.suggest(type));
    this.#result = new ResultView(this.#notices);
    const preview = previewOf(() => ({ order: this.#order, names: this.#items.names }));
    this.#more = el('section', { class: 'card more' }, this.#details.element, preview);
    this.element = el(
      'form',
      { novalidate: true, autocomplete: 'off', submit: (event) => this.#submit(event) },
      card('clusters', el('p', { class: 'help', ...says('clustersHelp') }), this.clusters.element),
      card('secret', this.#loader(), this.#banner, this.#fields.element),
      card('items', this.#items.element),
      this.#more,
      this.#notices.problems,
      el(
        'div',
        { class: 'actions' },
        el('button', { class: 'main', ...says('seal') }),
        button({ class: 'quiet', ...says('clear') }, () => this.clear()),
        this.#notices.status,
      ),
      this.#result.element,
    );
  }

  /** Forgets values, results and what was loaded. Certificates stay: they are public. */
  clear(): void {
    this.#startOver();
    this.#result.clear();
    this.#notices.complain([]);
    this.#notices.say('cleared');
  }

  get #order(): Order {
    return { ...this.#fields.values, ...this.#details.values, items: this.#items.values };
  }

  #submit(event: Event): void {
    event.preventDefault();
    this.#result.clear();
    const changing = this.#changing;
    const complaints = changing ? this.#complaintsAboutChange() : this.#complaints();
    if (complaints.length > 0) {
      this.#notices.complain(complaints);
      this.#focus(complaints[0]?.place ?? 'items');
      return;
    }
    void this.#notices.during(() => (changing ? this.#change(changing) : this.#seal()));
  }

  #complaints(): Complaint[] {
    return complaintsAbout(this.#order, this.clusters.clusters, new Date());
  }

  async #seal(): Promise<void> {
    const order = this.#order;
    const sealed = await sealOrder(order, this.clusters.clusters);
    const isOne = sealed.length === 1;
    this.#result.show(
      sealed.map((each) => ({
        title: [each.cluster, each.namespace].filter((part) => part !== '').join(' · '),
        file: (isOne ? [order.name] : [order.name, each.cluster, each.namespace]).map(fileName).join('.'),
        print: (format) => printSealed(each, format),
      })),
    );
  }

  #complaintsAboutChange(): Complaint[] {
    const { clusters } = this.clusters;
    if (clusters.length > 1) return [{ text: 'needsOneCluster', place: 'clusters' }];
    const complaints = this.#complaints().filter(
      ({ place, text }) => place === 'clusters' || (place === 'items' && text !== 'needsItem'),
    );
    const isSame = this.#items.values.length + this.#items.removed.length === 0;
    return isSame ? [...complaints, { text: 'nothingChanged', place: 'items' }] : complaints;
  }

  async #change({ opened, file }: Changing): Promise<void> {
    const { changeSealed } = await import('../load/change-sealed.ts');
    const [cluster] = this.clusters.clusters;
    if (!cluster) return;
    const changes = { set: this.#items.values, removed: this.#items.removed };
    const content = await changeSealed(opened, changes, cluster.recipient);
    this.#result.showFile(file, new Uint8Array(content));
  }

  #loader(): HTMLElement {
    const zone = sourceZone(
      {
        label: 'load',
        mostBytes: MOST_MANIFEST_BYTES,
        take: async (bytes, file) => {
          await this.#load(bytes, file);
          details.open = false;
        },
        isWhole: () => false,
      },
      this.#notices,
    );
    const details: HTMLDetailsElement = el(
      'details',
      { class: 'loader' },
      el('summary', says('loadSummary')),
      zone,
    );
    return details;
  }

  async #load(bytes: Bytes, file: string): Promise<void> {
    const { loadText } = await import('../load/load-text.ts');
    const loaded = await loadText(bytes, file === '' ? 'the text' : file);
    const count = countOf(loaded);
    if (count > MOST_ROWS) return this.#notices.complain([{ text: 'tooManyRows', place: 'items' }]);
    if (loaded.kind === 'items') return this.#items.fill(loaded.items);
    this.#startOver();
    this.#result.clear();
    if (loaded.kind === 'secret') this.#showSecret(loaded.secret);
    else this.#showSealed(loaded.opened, file);
  }

  #showSecret(secret: Secret): void {
    const { name = '', namespace = '', labels = {}, annotations = {}, ...metadata } = secret.metadata;
    const namespaces = namespace === '' ? [] : [namespace];
    this.#fields.show({ name, namespaces, type: secret.type ?? '', scope: scopeOf(annotations) });
    this.#details.show({
      labels: Object.entries(labels),
      annotations: Object.entries(withScope(annotations, 'strict')),
      templates: [],
      immutable: secret.immutable === true,
      metadata,
    });
    this.#items.fill(plaintextOf(secret));
  }

  #showSealed(opened: OpenedSealed, file: string): void {
    const { metadata, spec } = opened.sealedSecret;
    const { name = '', namespace = '', annotations } = metadata;
    this.#changing = { opened, file: file === '' ? `${fileName(name)}.yaml` : file };
    const namespaces = namespace === '' ? [] : [namespace];
    this.#fields.show({ name, namespaces, type: spec.template?.type ?? '', scope: scopeOf(annotations) });
    this.#items.keep(Object.keys(spec.encryptedData));
    this.#setChanging(this.#changing.file);
  }

  #startOver(): void {
    this.#changing = undefined;
    this.#fields.clear();
    this.#items.clear();
    this.#details.clear();
    this.#setChanging('');
  }

  /** @param file that is changed; empty for a new SealedSecret */
  #setChanging(file: string): void {
    const isChanging = file !== '';
    this.#fields.isFixed = isChanging;
    this.#banner.hidden = !isChanging;
    for (const [name, value] of Object.entries(says('changing', file)))
      this.#banner.setAttribute(name, value ?? '');
    this.#more.hidden = isChanging;
  }

  #focus(place: Place): void {
    const { labels, annotations, templates, element } = this.#details;
    const targets: Readonly<Record<Place, { focus(): void }>> = {
      clusters: this.clusters,
      name: this.#fields.name,
      namespaces: this.#fields.namespaces,
      items: this.#items,
      labels,
      annotations,
      templates,
    };
    if (['labels', 'annotations', 'templates'].includes(place)) element.open = true;
    targets[place].focus();
  }
}

function card(title: 'clusters' | 'secret' | 'items', ...content: readonly HTMLElement[]): HTMLElement {
  const id = `title-${title}`;
  return el(
    'section',
    { class: 'card', 'aria-labelledby': id },
    el('h2', { id, ...says(title) }),
    ...content,
  );
}

function countOf(loaded: Loaded): number {
  if (loaded.kind === 'items') return loaded.items.size;
  if (loaded.kind === 'sealed') return Object.keys(loaded.opened.sealedSecret.spec.encryptedData).length;
  const { data = {}, stringData = {}, metadata } = loaded.secret;
  const { labels = {}, annotations = {} } = metadata;
  return Math.max(
    ...[{ ...data, ...stringData }, labels, annotations].map((each) => Object.keys(each).length),
  );
}

/** A part of a name of a file: no slashes, no spaces. */
function fileName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-') || 'sealed-secret';
}
