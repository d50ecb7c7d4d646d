import { LANGUAGES, type Language } from '../../texts/languages.ts';
import type { TextKey, Texts } from '../../texts/texts.ts';

/** What elements say that nobody may forge: attributes are set by this page's code only. */
const SPEAKING = '[data-text],[data-label]';

/**
 * Makes a tree speak one language, now and whatever is added later: the observer runs before the browser
 * paints, so nobody sees another language or a jump.
 */
export class Speech {
  readonly #root: HTMLElement;
  #texts: Texts;
  #language: Language;

  constructor(root: HTMLElement, language: Language, texts: Texts) {
    this.#root = root;
    this.#texts = texts;
    this.#language = language;
    new MutationObserver((records) => {
      for (const { target, addedNodes } of records) {
        if (addedNodes.length === 0) this.#say(target);
        for (const node of addedNodes) this.#sayAll(node);
      }
    }).observe(root, {
      subtree: true,
      childList: true,
      attributeFilter: ['data-text', 'data-label', 'data-about', 'data-date'],
    });
    this.#mark();
  }

  /** Changes the language. What was typed stays. */
  async speak(language: Language): Promise<void> {
    this.#texts = await LANGUAGES[language].load();
    this.#language = language;
    this.#mark();
    this.#sayAll(this.#root);
  }

  #mark(): void {
    document.documentElement.lang = this.#language;
    document.title = this.#texts.title;
  }

  #sayAll(node: Node): void {
    this.#say(node);
    if (node instanceof Element) for (const each of node.querySelectorAll(SPEAKING)) this.#say(each);
  }

  #say(node: Node): void {
    if (!(node instanceof HTMLElement)) return;
    const { text, label, about, date } = node.dataset;
    const mentioned = date === undefined ? (about ?? '') : this.#dateOf(date);
    if (isTextKey(text, this.#texts)) put(node, fill(this.#texts[text], mentioned));
    if (isTextKey(label, this.#texts)) node.setAttribute('aria-label', fill(this.#texts[label], mentioned));
  }

  #dateOf(iso: string): string {
    return new Intl.DateTimeFormat(this.#language, { dateStyle: 'long' }).format(new Date(iso));
  }
}

/** Sets a text only where it changes something: else the observer would see its own work. */
function put(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

function fill(text: string, about: string): string {
  return text.includes('{{') ? text : text.replace('{}', () => about);
}

function isTextKey(key: string | undefined, texts: Texts): key is TextKey {
  return key !== undefined && Object.hasOwn(texts, key);
}
