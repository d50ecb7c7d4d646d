import type { Scope } from '@fuin/crypto-core';
import { SECRET_TYPES } from '@fuin/items';
import type { TextKey } from '../texts/texts.ts';
import { el, field, PRIVATE, says } from './base/dom.ts';

const TYPES: readonly (readonly [type: string, text: TextKey])[] = [
  [SECRET_TYPES.Opaque.type, 'typeOpaque'],
  [SECRET_TYPES['basic-auth'].type, 'typeBasic'],
  [SECRET_TYPES.tls.type, 'typeTls'],
  [SECRET_TYPES['docker-registry'].type, 'typeRegistry'],
  [SECRET_TYPES['ssh-auth'].type, 'typeSsh'],
  ['', 'typeNone'],
];
const SCOPES: readonly (readonly [scope: Scope, text: TextKey, help: TextKey])[] = [
  ['strict', 'strict', 'strictHelp'],
  ['namespace-wide', 'namespaceWide', 'namespaceWideHelp'],
  ['cluster-wide', 'clusterWide', 'clusterWideHelp'],
];

/** What the fields about the whole Secret say. */
export interface SecretValues {
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly type: string;
  readonly scope: Scope;
}

/** Name, namespaces, type and scope. */
export class SecretFields {
  readonly element: HTMLElement;
  readonly name: HTMLInputElement = el('input', { ...PRIVATE, maxlength: '253' });
  readonly namespaces: HTMLInputElement = el('input', { ...PRIVATE, maxlength: '8192' });
  readonly #type = el('select', {}, ...TYPES.map(([value, text]) => el('option', { value, ...says(text) })));
  readonly #scopes: readonly HTMLInputElement[];

  /** @param onType gets the type that a person chose */
  constructor(onType: (type: string) => void) {
    this.#type.addEventListener('change', () => onType(this.#type.value));
    this.#scopes = SCOPES.map(([value]) => el('input', { type: 'radio', name: 'scope', value }));
    const choices = SCOPES.map(([, text, help], at) =>
      el(
        'label',
        { class: 'choice' },
        this.#scopes[at] ?? '',
        el('span', { class: 'label', ...says(text) }),
        el('span', { class: 'help', ...says(help) }),
      ),
    );
    this.element = el(
      'div',
      { class: 'fields' },
      el(
        'div',
        { class: 'two' },
        field('name', this.name),
        field('namespace', this.namespaces, 'namespaceHelp'),
      ),
      field('type', this.#type),
      el('fieldset', { class: 'choices' }, el('legend', { class: 'label', ...says('scope') }), ...choices),
    );
    this.clear();
  }

  get values(): SecretValues {
    const chosen = this.#scopes.find(({ checked }) => checked)?.value;
    return {
      name: this.name.value.trim(),
      namespaces: [...new Set(this.namespaces.value.split(/[\s,]+/).filter((each) => each !== ''))],
      type: this.#type.value,
      scope: SCOPES.find(([scope]) => scope === chosen)?.[0] ?? 'strict',
    };
  }

  /** Shows the values. A type that is not in the list is added to it. */
  show({ name, namespaces, type, scope }: SecretValues): void {
    this.name.value = name;
    this.namespaces.value = namespaces.join(' ');
    if (![...this.#type.options].some(({ value }) => value === type))
      this.#type.append(el('option', { value: type }, type));
    this.#type.value = type;
    for (const radio of this.#scopes) radio.checked = radio.value === scope;
  }

  /** Whether the values can be changed: those of a SealedSecret cannot, since its items are bound to them. */
  set isFixed(isFixed: boolean) {
    for (const control of [this.name, this.namespaces, this.#type, ...this.#scopes])
      control.disabled = isFixed;
  }

  clear(): void {
    this.show({ name: '', namespaces: [], type: 'Opaque', scope: 'strict' });
  }
}
