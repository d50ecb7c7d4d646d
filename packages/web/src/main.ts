import { readClusters } from './seal/read-clusters.ts';
import { LANGUAGES, languageFor } from './texts/languages.ts';
import { el, says } from './view/base/dom.ts';
import { Speech } from './view/base/speech.ts';
import { mountPage } from './view/mount-page.ts';
import type { SealingForm } from './view/sealing-form.ts';

/** Starts the page. The language is known before anything is shown. */
async function start(root: HTMLElement): Promise<void> {
  const language = languageFor(navigator.languages);
  const speech = new Speech(root, language, await LANGUAGES[language].load());
  if (!globalThis.isSecureContext) {
    root.replaceChildren(el('main', {}, el('p', { class: 'problems', ...says('noCrypto') })));
    return;
  }
  keepFilesOut();
  const form = mountPage(root, speech, language);
  addEventListener('pagehide', () => form.clear()); // a page that the browser keeps must not keep values
  await addOwnCertificate(form);
}

/** A file that is dropped beside a field must not replace the page. */
function keepFilesOut(): void {
  for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());
}

/** The certificate of the controller that serves the page; elsewhere the page names none. */
async function addOwnCertificate(form: SealingForm): Promise<void> {
  const place = document.querySelector<HTMLMetaElement>('meta[name=fuin-certificate]')?.content;
  if (!place) return;
  const response = await fetch(place).catch(() => undefined);
  if (!response?.ok) return;
  const clusters = await readClusters(await response.text(), location.hostname).catch(() => []);
  form.clusters.add(clusters);
}

await start(document.body);
