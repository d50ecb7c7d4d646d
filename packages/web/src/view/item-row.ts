import { type Bytes, encodeUtf8 } from '@fuin/crypto-core';
import { MOST_VALUE_BYTES } from '../load/limits.ts';
import { button, el, named, PRIVATE, says } from './base/dom.ts';
import type { Notices } from './base/notices.ts';
import { readFile } from './base/read-file.ts';
import { dropTarget, filePicker } from './base/source-zone.ts';

const KINDS = ['password', 'hex', 'base64', 'uuid'] as const;

/** An item of the form: a name, and a value that is typed, generated, read from a file, or sealed already. */
export class ItemRow {
  readonly element: HTMLElement;
  readonly nameInput: HTMLInputElement;
  readonly #area = el('textarea', {
    ...PRIVATE,
    class: 'masked',
    rows: '1',
    maxlength: String(MOST_VALUE_BYTES),
  });
  readonly #body = el('div', { class: 'value' });
  readonly #notices: Notices;
  /** The value of a file, which may be no text. */
  #bytes: Bytes | undefined;
  #isKept = false;

  constructor(name: string, notices: Notices, onRemove: () => void) {
    this.#notices = notices;
    this.nameInput = el('input', { ...PRIVATE, maxlength: '253', value: name, class: 'name' });
    const head = el(
      'div',
      { class: 'head' },
      el('label', {}, el('span', { class: 'label', ...says('itemName') }), this.nameInput),
      button({ class: 'quiet', ...says('remove') }, onRemove),
    );
    this.element = dropTarget(el('li', { class: 'item' }, head, this.#body), this.#useFiles);
    this.#showArea();
  }

  get name(): string {
    return this.nameInput.value.trim();
  }

  /** Undefined for an item that stays sealed as it is. */
  get value(): Bytes | undefined {
    return this.#isKept ? undefined : (this.#bytes ?? encodeUtf8(this.#area.value));
  }

  /** Whether nobody has written anything here. */
  get isBlank(): boolean {
    return !this.#isKept && this.#bytes === undefined && this.#area.value === '';
  }

  /** Shows a text as the value. */
  setText(text: string): void {
    this.#area.value = text;
  }

  /** Takes the content of a file as the value. */
  setBytes(bytes: Bytes, file: string): void {
    this.#bytes = bytes;
    const size = el('span', { class: 'help', ...says('bytes', String(bytes.length)) });
    this.#showInstead(el('p', { class: 'chip' }, el('code', {}, file), ' ', size));
  }

  /** Shows that the value is sealed and stays. Its name cannot be changed. */
  keepSealed(): void {
    this.#isKept = true;
    this.nameInput.readOnly = true;
    this.#showInstead(el('p', { class: 'chip', ...says('isSealed') }));
  }

  /** Forgets the value. */
  clear(): void {
    this.#area.value = '';
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  readonly #useFiles = ([file]: Iterable<File> & { readonly [0]?: File }): void => {
    if (!file) return;
    void this.#notices.during(async () => {
      const bytes = await readFile(file, MOST_VALUE_BYTES);
      this.#isKept = false;
      this.setBytes(bytes, file.name);
    });
  };

  /** Shows something in the place of the field, which comes back to replace the value. */
  #showInstead(what: HTMLElement): void {
    const replace = button({ class: 'quiet', ...says('replace') }, () => this.#showArea(true));
    this.#body.replaceChildren(el('div', { class: 'kept' }, what, replace));
  }

  #showArea(isFocused = false): void {
    this.#isKept = false;
    this.#bytes = undefined;
    const show = button({ class: 'quiet', 'aria-pressed': 'false', ...says('show') }, () => {
      const isHidden = this.#area.classList.toggle('masked');
      show.setAttribute('aria-pressed', String(!isHidden));
    });
    const tools = el(
      'div',
      { class: 'tools' },
      show,
      filePicker('valueFile', false, this.#useFiles),
      this.#generator(),
    );
    const label = el('label', {}, el('span', { class: 'label', ...says('value') }), this.#area);
    this.#body.replaceChildren(label, tools);
    if (isFocused) this.#area.focus();
  }

  /** A menu of kinds. It shows its own name again once a value is made. */
  #generator(): HTMLElement {
    const menu = el(
      'select',
      {
        class: 'quiet',
        ...named('generate'),
        change: () => {
          const kind = KINDS.find((each) => each === menu.value);
          menu.value = '';
          if (kind) void generate(kind).then((text) => this.setText(text));
        },
      },
      el('option', { value: '', ...says('generate') }),
      ...KINDS.map((kind) => el('option', { value: kind, ...says(kind) })),
    );
    return menu;
  }
}

async function generate(kind: (typeof KINDS)[number]): Promise<string> {
  const { GENERATORS } = await import('@fuin/items/generators');
  return kind === 'uuid' ? GENERATORS.uuid.make() : GENERATORS[kind].make(GENERATORS[kind].size.usual);
}
