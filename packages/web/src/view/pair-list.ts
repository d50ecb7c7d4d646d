import { MOST_ROWS } from '../load/limits.ts';
import type { Pairs } from '../seal/order.ts';
import type { TextKey } from '../texts/texts.ts';
import { button, el, named, PRIVATE, says } from './base/dom.ts';

interface PairRow {
  readonly element: HTMLElement;
  readonly key: HTMLInputElement;
  readonly text: HTMLTextAreaElement;
}

/** Names with texts: labels, annotations or templates. */
export class PairList {
  readonly element: HTMLElement;
  readonly #list = el('ul', { class: 'pairs' });
  #rows: PairRow[] = [];

  constructor(title: TextKey, add: TextKey, help?: TextKey) {
    const addRow = button(says(add), () => {
      if (this.#rows.length < MOST_ROWS) this.#add('', '').key.focus();
    });
    const about = help ? [el('p', { class: 'help', ...says(help) })] : [];
    this.element = el('div', { class: 'field' }, el('h3', says(title)), ...about, this.#list, addRow);
  }

  /** The rows with anything in them. */
  get pairs(): Pairs {
    return this.#rows
      .map(({ key, text }) => [key.value.trim(), text.value] as const)
      .filter(([key, text]) => key !== '' || text !== '');
  }

  focus(): void {
    this.#rows[0]?.key.focus();
  }

  /** Shows these instead of what was there. */
  fill(pairs: Pairs): void {
    this.#rows = [];
    this.#list.replaceChildren();
    for (const [key, text] of pairs) this.#add(key, text);
  }

  #add(name: string, content: string): PairRow {
    const key = el('input', { ...PRIVATE, ...named('key'), maxlength: '317', value: name });
    const text = el('textarea', { ...PRIVATE, ...named('text'), rows: '1', maxlength: '262144' });
    text.value = content;
    const remove = button({ class: 'quiet', ...says('remove') }, () => {
      row.element.remove();
      this.#rows = this.#rows.filter((each) => each !== row);
    });
    const row: PairRow = { element: el('li', {}, key, text, remove), key, text };
    this.#rows.push(row);
    this.#list.append(row.element);
    return row;
  }
}
