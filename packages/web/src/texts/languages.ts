import { en } from './en.ts';
import type { Texts } from './texts.ts';

/** A language that the page speaks. */
export type Language = keyof typeof LANGUAGES;

/** The languages by code: their own names, and how their texts are loaded. */
export const LANGUAGES = {
  en: { name: 'English', load: async (): Promise<Texts> => en },
  de: { name: 'Deutsch', load: async (): Promise<Texts> => (await import('./de.ts')).de },
  ja: { name: '日本語', load: async (): Promise<Texts> => (await import('./ja.ts')).ja },
} as const;

/** The first language that a person reads and the page speaks. @param asked BCP 47, most wanted first */
export function languageFor(asked: readonly string[]): Language {
  const codes = asked.map((tag) => tag.toLowerCase().split('-')[0]);
  return codes.find((code): code is Language => code !== undefined && Object.hasOwn(LANGUAGES, code)) ?? 'en';
}
