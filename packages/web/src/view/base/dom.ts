import type { TextKey } from '../../texts/texts.ts';

/** A function listens to the event of that name; false and undefined leave the attribute out. */
type Attribute = string | boolean | undefined | ((event: Event) => void);
type Attributes = Readonly<Record<string, Attribute>>;

/**
 * Makes an element. Children are nodes and plain text, never markup, so whatever a file says stays text.
 */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** Attributes of an element whose content is a text of the table. @param about what stands for `{}` */
export function says(key: TextKey, about?: string): Record<string, string | undefined> {
  return { 'data-text': key, 'data-about': about };
}

/** Attributes of an element whose accessible name is a text of the table. */
export function named(key: TextKey, about?: string): Record<string, string | undefined> {
  return { 'data-label': key, 'data-about': about };
}

/** A button that does not send the form. */
export function button(attributes: Attributes, click: () => void): HTMLButtonElement {
  return el('button', { type: 'button', ...attributes, click });
}

/** A field under its label. */
export function field(key: TextKey, control: HTMLElement, help?: TextKey): HTMLElement {
  const label = el('label', {}, el('span', { class: 'label', ...says(key) }), control);
  if (!help) return label;
  const id = `help-${key}`;
  control.setAttribute('aria-describedby', id);
  return el('div', { class: 'field' }, label, el('p', { id, class: 'help', ...says(help) }));
}

/** Attributes of a field for something that no browser should keep, complete or correct. */
export const PRIVATE = {
  autocomplete: 'off',
  autocapitalize: 'off',
  autocorrect: 'off',
  spellcheck: 'false',
} as const;
