import { type Bytes, decodeUtf8, encodeBase64, encodeUtf8 } from '../bytes.ts';
import { readingsOf } from './readings.ts';

/** Annotations in which tools keep a copy of the object that they applied; they have no other use. */
const COPY =
  /(?:^|\/)last-applied(?:-configuration)?$|\/last-handled-configuration$|^kapp\.k14s\.io\/original|^objectset\.rio\.cattle\.io\/applied$/;
/** Shorter values occur in harmless strings by chance. */
const SHORTEST_LEAK = 8;
/** Values that reveal nothing, whatever field they stand in. */
const TRIVIAL = ['', 'true', 'false', 'null'];

/**
 * Whether an annotation is one in which a tool (kubectl, kubecfg, kapp, Rancher) keeps a copy of the whole
 * object.
 */
export function isAppliedConfiguration(annotation: string): boolean {
  return COPY.test(annotation);
}

/** Finds the values of one Secret in other strings. */
export class LeakFinder {
  readonly #entries: ReadonlyMap<string, readonly string[]>;
  readonly #forms: readonly string[];
  readonly #wholes: ReadonlySet<string>;

  /**
   * @param values by item
   * @param published strings that the SealedSecret shows anyway, such as its name: to find those reveals
   *   nothing
   */
  constructor(values: ReadonlyMap<string, Bytes>, published: readonly (string | undefined)[]) {
    const forms = [...values].map(
      ([item, bytes]) => [item, formsOf(bytes).filter((form) => !published.includes(form))] as const,
    );
    this.#entries = new Map(forms);
    this.#wholes = new Set(forms.flatMap(([, all]) => all).filter((form) => form.length >= SHORTEST_LEAK));
    this.#forms = [...new Set([...this.#wholes].map(loosened))].filter(
      (form) => form.length >= SHORTEST_LEAK,
    );
  }

  /** Whether an annotation, decoded in any way that tools use, is a Secret with items or holds a value. */
  async isIn(key: string, text: string): Promise<boolean> {
    const { texts, entries, hasSecret } = await readingsOf(text);
    const own = { key: key.slice(key.lastIndexOf('/') + 1), text };
    return (
      hasSecret ||
      [own, ...entries].some((entry) => this.#entries.get(entry.key)?.includes(entry.text.trim())) ||
      texts.map(loosened).some((loose) => this.#forms.some((form) => loose.includes(form)))
    );
  }

  /** Whether the whole string is a value: labels are too short to hold more. */
  isWhole(text: string): boolean {
    return this.#wholes.has(text.trim());
  }
}

/**
 * Whether a string, decoded in any way that tools use (JSON, YAML, base64, gzip, escapes), is an object of
 * kind Secret with items.
 *
 * @example
 * ```js
 * import { holdsSecret } from '@fuin/crypto-core';
 *
 * const copy = JSON.stringify({ kind: 'Secret', data: { password: 'aHVudGVyMg==' } });
 * console.log(await holdsSecret(btoa(copy))); // true
 * ```
 */
export async function holdsSecret(text: string): Promise<boolean> {
  return (await readingsOf(text)).hasSecret;
}

/** A value as a string and in base64, also without the line end that files have. */
function formsOf(bytes: Bytes): string[] {
  const text = decodeUtf8(bytes);
  const trimmed = text.trim();
  const forms = [trimmed, encodeBase64(bytes), encodeBase64(encodeUtf8(trimmed))];
  return [...new Set(forms)].filter((form) => !TRIVIAL.includes(form));
}

/** Without everything that layout and quoting change: indentation, folded lines, doubled quotes. */
function loosened(text: string): string {
  return text.replace(/\s/g, '').replaceAll("''", "'");
}
