import type { Format } from '@fuin/manifests';
import { button, el, named, says } from './base/dom.ts';
import type { Notices } from './base/notices.ts';

/** A text that a person takes away. It holds nothing secret. */
export interface ResultText {
  /** Whom it is for, where there are several. */
  readonly title: string;
  /** Name of the file without its ending. */
  readonly file: string;
  print(format: Format): string;
}

/** What was sealed, to copy and to download. */
export class ResultView {
  readonly element: HTMLElement = el('section', { class: 'card result', hidden: true });
  readonly #notices: Notices;
  #results: readonly ResultText[] = [];
  #format: Format = 'yaml';

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Shows texts in a format that can be chosen. */
  show(results: readonly ResultText[]): void {
    this.#results = results;
    const formats = (['yaml', 'json'] as const).map((format) => {
      const change = () => {
        this.#format = format;
        bodies.replaceChildren(...this.#bodies());
      };
      const radio = el('input', { type: 'radio', name: 'format', checked: format === this.#format, change });
      return el('label', {}, radio, format.toUpperCase());
    });
    const bodies = el('div', {}, ...this.#bodies());
    this.#open(
      el('fieldset', { class: 'formats' }, el('legend', { class: 'unseen', ...says('format') }), ...formats),
      bodies,
    );
  }

  /** Shows the new content of a file that was loaded. */
  showFile(file: string, content: Uint8Array<ArrayBuffer>): void {
    this.#results = [];
    this.#open(this.#body('', file, new TextDecoder().decode(content), content));
  }

  clear(): void {
    this.#results = [];
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  #open(...content: readonly HTMLElement[]): void {
    const title = el('h2', { tabindex: '-1', ...says('result') });
    this.element.replaceChildren(title, el('p', { class: 'help', ...says('resultHelp') }), ...content);
    this.element.hidden = false;
    title.focus();
  }

  #bodies(): HTMLElement[] {
    return this.#results.map(({ title, file, print }) => {
      const text = print(this.#format);
      return this.#body(this.#results.length > 1 ? title : '', `${file}.${this.#format}`, text, text);
    });
  }

  #body(title: string, file: string, text: string, content: string | Uint8Array<ArrayBuffer>): HTMLElement {
    const code = el('pre', { tabindex: '0', 'aria-label': file, role: 'region' }, text);
    const copy = () =>
      void navigator.clipboard.writeText(text).then(
        () => this.#notices.say('copied'),
        () => {
          getSelection()?.selectAllChildren(code);
          this.#notices.say('notCopied');
        },
      );
    return el(
      'div',
      { class: 'body' },
      ...(title === '' ? [] : [el('h3', {}, title)]),
      code,
      el(
        'div',
        { class: 'actions' },
        button({ class: 'main', ...says('download'), ...named('downloadNamed', file) }, () =>
          download(file, content),
        ),
        button({ ...says('copy'), ...named('copyNamed', file) }, copy),
      ),
    );
  }
}

/** Gives a file to the browser to save. Nothing is requested. */
function download(file: string, content: string | Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([content]));
  el('a', { href: url, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
