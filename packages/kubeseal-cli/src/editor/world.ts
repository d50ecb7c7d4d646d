import type { Warn } from '../invocation/warnings.ts';
import type { Send } from './send.ts';

/** Where an editor asks. Variables of the environment do not count, and no program is run. */
export interface EditorWorld {
  /** Absolute path of the open folder; messages name files relative to it. */
  readonly folder: string;
  now(): Date;
  readonly warn: Warn;
  /** Sends requests for certificates at URLs; undefined where nothing may be fetched. */
  readonly send?: Send | undefined;
}

/** The text of an editor, which may differ from the file. */
export interface EditorText {
  readonly text: string;
  /** The file relative to the folder; empty for a text that has none yet. */
  readonly file: string;
}

/** Settings are searched for beside files and above, as without flags. */
export const NO_FLAGS = { config: '', 'no-config': false } as const;

/** How messages call a text. */
export function whereOf({ file }: Pick<EditorText, 'file'>): string {
  return file || 'the text';
}
