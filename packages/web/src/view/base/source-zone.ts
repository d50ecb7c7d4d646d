import type { Bytes } from '@fuin/crypto-core';
import { encodeUtf8 } from '@fuin/crypto-core';
import type { TextKey } from '../../texts/texts.ts';
import { el, PRIVATE, says } from './dom.ts';
import type { Notices } from './notices.ts';
import { readFile } from './read-file.ts';

/** A place for pasted text, dropped files and chosen files. */
interface SourceZone {
  readonly label: TextKey;
  readonly mostBytes: number;
  /** Uses a source. @throws SealedSecretsError for what it cannot read */
  take(bytes: Bytes, name: string): Promise<void>;
  /** Whether typed text is whole, so that it can be used before the field is left. */
  isWhole(text: string): boolean;
}

/** Makes the place. What was used is removed from it at once. */
export function sourceZone({ label, mostBytes, take, isWhole }: SourceZone, notices: Notices): HTMLElement {
  const useText = (isFinal: boolean) => {
    const text = area.value;
    if (text.trim() === '' || !(isFinal || isWhole(text))) return;
    void notices.during(async () => {
      await take(encodeUtf8(text), '');
      area.value = '';
    });
  };
  const useFiles = (files: Iterable<File>) =>
    void notices.during(async () => {
      for (const file of files) await take(await readFile(file, mostBytes), file.name);
    });
  const area = el('textarea', {
    rows: '2',
    maxlength: String(mostBytes),
    ...PRIVATE,
    input: (event) => useText((event as InputEvent).inputType === 'insertFromPaste'),
    change: () => useText(true),
  });
  const zone = el(
    'div',
    { class: 'zone' },
    el('label', {}, el('span', { class: 'label', ...says(label) }), area),
    filePicker('chooseFile', true, useFiles),
  );
  return dropTarget(zone, useFiles);
}

/** A button that opens the dialog of the system for files. */
export function filePicker(
  text: TextKey,
  isMultiple: boolean,
  use: (files: Iterable<File>) => void,
): HTMLElement {
  const input = el('input', {
    type: 'file',
    class: 'unseen',
    multiple: isMultiple,
    change: () => {
      use([...(input.files ?? [])]);
      input.value = '';
    },
  });
  return el('label', { class: 'button' }, el('span', says(text)), input);
}

/** Makes an element take dropped files. */
export function dropTarget(element: HTMLElement, use: (files: Iterable<File>) => void): HTMLElement {
  const mark = (isOver: boolean) => element.classList.toggle('over', isOver);
  element.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  element.addEventListener('dragleave', () => mark(false));
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) use(files);
  });
  return element;
}
