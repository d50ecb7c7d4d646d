import { type Bytes, encodeBase64 } from '@fuin/crypto-core';
import type { Items } from './secret-types.ts';

/** Shorter values occur in other text by chance. */
const SHORTEST_LEAK = 8;

/** A template that holds the value of an item: templates are published. */
interface Leak {
  readonly template: string;
  readonly item: string;
  readonly form: Form;
}

/** How the value stands there; base64 hides nothing. */
type Form = 'clear' | 'base64';

/**
 * The first template that holds a value of eight bytes or more, as it is or in base64, and whose value;
 * undefined for none.
 */
export function leakingTemplate(templates: ReadonlyMap<string, string>, values: Items): Leak | undefined {
  const forms = [...values]
    .filter(([, bytes]) => bytes.length >= SHORTEST_LEAK)
    .flatMap(([item, bytes]) => formsOf(bytes).map(({ form, text }) => ({ item, form, text })));
  for (const [template, content] of templates) {
    const leaked = forms.find(({ text }) => content.includes(text));
    if (leaked) return { template, item: leaked.item, form: leaked.form };
  }
  return undefined;
}

function formsOf(bytes: Bytes): readonly { readonly form: Form; readonly text: string }[] {
  const base64 = encodeBase64(bytes).replace(/=+$/, ''); // what follows in a template may be padding
  const url = base64.replaceAll('+', '-').replaceAll('/', '_');
  return [
    { form: 'clear', text: new TextDecoder().decode(bytes) },
    { form: 'base64', text: base64 },
    { form: 'base64', text: url },
  ];
}
