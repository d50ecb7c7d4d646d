import type { en } from './en.ts';

/** The name of a text of the page. */
export type TextKey = keyof typeof en;
/** All texts of a language. `{}` stands for a name or a date. */
export type Texts = Readonly<Record<TextKey, string>>;
