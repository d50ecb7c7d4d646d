import type { Items } from './secret-types.ts';

/** Shorter values occur in other text by chance. */
const SHORTEST_LEAK = 8;

/** A template that holds the value of an item in the clear: templates are published. */
interface Leak {
  readonly template: string;
  readonly item: string;
}

/** The first template that holds a value of eight bytes or more, and whose value; undefined for none. */
export function leakingTemplate(templates: ReadonlyMap<string, string>, values: Items): Leak | undefined {
  const decoder = new TextDecoder();
  const texts = [...values]
    .filter(([, bytes]) => bytes.length >= SHORTEST_LEAK)
    .map(([item, bytes]) => ({ item, text: decoder.decode(bytes) }));
  for (const [template, content] of templates) {
    const leaked = texts.find(({ text }) => content.includes(text));
    if (leaked) return { template, item: leaked.item };
  }
  return undefined;
}
