import { LANGUAGES, type Language } from '../texts/languages.ts';
import { el, named, says } from './base/dom.ts';
import type { Speech } from './base/speech.ts';
import { Remembered } from './remembered.ts';
import { SealingForm } from './sealing-form.ts';

/** The keyhole of the seal; its square is style. */
const KEYHOLE = 'M16 7a5 5 0 0 0-2.6 9.3L12 25h8l-1.4-8.7A5 5 0 0 0 16 7z';
const SVG = 'http://www.w3.org/2000/svg';

/** Builds the page. The certificates of the last visit come a moment later. */
export function mountPage(root: HTMLElement, speech: Speech, language: Language): SealingForm {
  const form = new SealingForm();
  const remembered = new Remembered(() => form.clusters.clusters);
  form.clusters.element.append(remembered.element);
  form.clusters.onChange = () => remembered.save();
  root.replaceChildren(
    el(
      'header',
      {},
      logo(),
      el('div', {}, el('h1', says('title')), el('p', says('promise'))),
      languageMenu(speech, language),
    ),
    el('main', {}, form.element),
  );
  void remembered.load().then((clusters) => form.clusters.add(clusters));
  return form;
}

function languageMenu(speech: Speech, language: Language): HTMLElement {
  const codes = Object.keys(LANGUAGES) as Language[];
  const menu: HTMLSelectElement = el(
    'select',
    {
      class: 'quiet',
      ...named('language'),
      change: () => void speech.speak(codes.find((code) => code === menu.value) ?? 'en'),
    },
    ...codes.map((code) =>
      el('option', { value: code, lang: code, selected: code === language }, LANGUAGES[code].name),
    ),
  );
  return menu;
}

function logo(): Element {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', KEYHOLE);
  svg.append(path);
  return svg;
}
