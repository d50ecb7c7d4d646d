import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { LANGUAGES, languageFor } from './languages.ts';

const rows = await Promise.all(
  Object.entries(LANGUAGES).map(async ([code, { load }]) => [code, await load()] as const),
);

describe('the texts of the page', () => {
  it.each(rows)('are all there in the language %s, in the same order', (_code, texts) => {
    expect(Object.keys(texts)).toEqual(Object.keys(en));
    expect(Object.entries(texts).filter(([, text]) => text.trim() === '')).toEqual([]);
  });
  it.each(rows)('mention in the language %s what they mention in English', (_code, texts) => {
    const marks = (text: string) =>
      text.match(/\{\}|\{\{.*?\}\}|kubeseal [-\w]+|kubectl apply/g)?.sort() ?? [];
    const differing = Object.entries(en).filter(
      ([key, text]) => String(marks(text)) !== String(marks(texts[key as keyof typeof en])),
    );
    expect(differing.map(([key]) => key)).toEqual([]);
  });
  it.each([
    [['de-CH', 'en'], 'de'],
    [['fr', 'ja-JP', 'en'], 'ja'],
    [['fr'], 'en'],
    [['toString'], 'en'],
    [[], 'en'],
  ])('for a person who reads %j are those of %s', (asked, language) => {
    expect(languageFor(asked)).toBe(language);
  });
});
