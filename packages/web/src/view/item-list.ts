import { type Bytes, encodeUtf8 } from '@fuin/crypto-core';
import { SECRET_TYPES } from '@fuin/items';
import { MOST_ROWS } from '../load/limits.ts';
import { textOf } from '../seal/text-of.ts';
import { button, el, says } from './base/dom.ts';
import type { Notices } from './base/notices.ts';
import { ItemRow } from './item-row.ts';

/** What a Secret of a type has, for the form to begin with. */
const NAMES_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  [SECRET_TYPES.tls.type]: ['tls.crt', 'tls.key'],
  [SECRET_TYPES['docker-registry'].type]: ['server', 'username', 'password'],
  [SECRET_TYPES['basic-auth'].type]: ['username', 'password'],
  [SECRET_TYPES['ssh-auth'].type]: ['ssh-privatekey'],
};

/** The items of the form. */
export class ItemList {
  readonly element: HTMLElement;
  readonly #list = el('ul', { class: 'items' });
  readonly #notices: Notices;
  #rows: ItemRow[] = [];
  #removed: string[] = [];

  constructor(notices: Notices) {
    this.#notices = notices;
    const add = button(says('addItem'), () => {
      if (this.#rows.length < MOST_ROWS) this.#add('').nameInput.focus();
    });
    this.element = el('div', {}, this.#list, add);
    this.#add('');
  }

  /** Names and values of the items to seal. A row without name and value does not count. */
  get values(): (readonly [string, Bytes])[] {
    return this.#rows.flatMap((row) => {
      const { name, value } = row;
      return value === undefined || (name === '' && row.isBlank) ? [] : [[name, value] as const];
    });
  }

  /** Names of all items, those too that stay sealed. */
  get names(): string[] {
    return this.#rows.map(({ name }) => name).filter((name) => name !== '');
  }

  /** Sealed items that a person removed. */
  get removed(): readonly string[] {
    const names = this.names;
    return this.#removed.filter((name) => !names.includes(name));
  }

  focus(): void {
    this.#rows[0]?.nameInput.focus();
  }

  /** Begins with the items that a type needs, unless something is written already. */
  suggest(type: string): void {
    if (this.#rows.some((row) => !row.isBlank)) return;
    this.#empty();
    for (const name of NAMES_OF_TYPE[type] ?? ['']) this.#add(name);
  }

  /** Adds items, or gives those of the same name these values. Text is shown, other bytes are kept. */
  fill(items: Iterable<readonly [string, Bytes | string]>): void {
    this.#dropBlank();
    for (const [name, value] of items) {
      const row = this.#rows.find((each) => each.name === name) ?? this.#add(name);
      const text = shownText(value);
      if (text === undefined) row.setBytes(bytesOf(value), name);
      else row.setText(text);
    }
  }

  /** Shows items that are sealed already. */
  keep(names: readonly string[]): void {
    this.#empty();
    for (const name of names) this.#add(name).keepSealed();
  }

  /** Forgets all values. */
  clear(): void {
    this.#empty();
    this.#add('');
  }

  #add(name: string): ItemRow {
    const row = new ItemRow(name, this.#notices, () => {
      if (row.value === undefined || row.nameInput.readOnly) this.#removed.push(row.name);
      row.clear();
      row.element.remove();
      this.#rows = this.#rows.filter((each) => each !== row);
    });
    this.#rows.push(row);
    this.#list.append(row.element);
    return row;
  }

  #dropBlank(): void {
    for (const row of this.#rows.filter(({ name, isBlank }) => name === '' && isBlank)) row.element.remove();
    this.#rows = this.#rows.filter(({ name, isBlank }) => name !== '' || !isBlank);
  }

  #empty(): void {
    for (const row of this.#rows) row.clear();
    this.#rows = [];
    this.#removed = [];
    this.#list.replaceChildren();
  }
}

/** The text of a value that a field can show and give back without a change; else undefined. */
function shownText(value: Bytes | string): string | undefined {
  const text = typeof value === 'string' ? value : textOf(value);
  return text !== undefined && fitsArea(text) ? text : undefined;
}

function bytesOf(value: Bytes | string): Bytes {
  return typeof value === 'string' ? encodeUtf8(value) : value;
}

/** A field makes one line end of `\r\n`, and shows no other control characters. */
function fitsArea(text: string): boolean {
  return !/[^\P{Cc}\n\t]/u.test(text);
}
