import { SealedSecretsError } from '@fuin/crypto-core';
import type { Complaint } from '../../seal/complaints.ts';
import { explanationOf } from '../../seal/explain.ts';
import type { TextKey } from '../../texts/texts.ts';
import { el, says } from './dom.ts';
import { TooLarge } from './read-file.ts';

/** How many lines of problems a person reads. */
const MOST_LINES = 10;

/** Tells what is wrong and what was done, to eyes and to screen readers. */
export class Notices {
  readonly problems: HTMLElement = el('div', { role: 'alert', class: 'problems', tabindex: '-1' });
  readonly status: HTMLElement = el('p', { role: 'status', class: 'status' });

  /** Does something and shows its error. The problems of before are over. */
  async during(act: () => Promise<void>): Promise<boolean> {
    this.problems.replaceChildren();
    try {
      await act();
      return true;
    } catch (error) {
      this.problems.replaceChildren(...linesOf(error));
      return false;
    }
  }

  /** Lists what is wrong with the form. */
  complain(complaints: readonly Complaint[]): void {
    const lines = complaints
      .slice(0, MOST_LINES)
      .map(({ text, about }) => el('p', says(text, about?.slice(0, 253))));
    this.problems.replaceChildren(...lines);
  }

  /** Says what was done. */
  say(key: TextKey): void {
    this.status.dataset['text'] = key;
  }
}

function linesOf(error: unknown): HTMLElement[] {
  if (error instanceof TooLarge) return [el('p', says('fileTooLarge', error.file.slice(0, 253)))];
  if (!(error instanceof SealedSecretsError)) return [el('p', says('unexpected'))];
  const explanation = explanationOf(error.message);
  return [
    el('p', { lang: 'en' }, error.message),
    ...(explanation ? [el('p', says(explanation))] : []),
    ...(error.hint === undefined ? [] : [el('p', { lang: 'en', class: 'help' }, error.hint)]),
  ];
}
