import { hintOfNames } from '../nearest-name.ts';
import { usageError } from '../usage-error.ts';

/** What may stand in braces in the name of an output file. */
export interface OutputPlace {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

const PLACEHOLDERS = ['cluster', 'namespace', 'name'] as const;
const BRACES = /\{([^{}]*)\}/g;

/** Whether a file name stands for several files. */
export function isPattern(file: string): boolean {
  return file.includes('{cluster}');
}

/**
 * Checks a pattern of a settings file, which must stay below the directory of that file.
 *
 * @param who says it, for messages
 * @throws ERR_USAGE
 */
export function refuseBadOutput(pattern: string, who: string): void {
  if (/^(?:[a-zA-Z]:|[/\\])|(?:^|[/\\])\.\.(?:[/\\]|$)|\0/.test(pattern))
    throw usageError(`${who} leads out of the directory of the settings file`);
  refuseBadPattern(pattern, who);
}

/** @throws ERR_USAGE for an unknown word in braces, and where all clusters would share one file */
export function refuseBadPattern(pattern: string, who: string): void {
  for (const [, word = ''] of pattern.matchAll(BRACES))
    if (!PLACEHOLDERS.some((known) => known === word))
      throw usageError(`${who} has the unknown word {${word}}`, hintOfNames(word, PLACEHOLDERS, 'words'));
  if (!isPattern(pattern))
    throw usageError(`${who} lacks {cluster}, so that all clusters would share one file`);
}

/** The name of the file for one cluster. */
export function outputFor(pattern: string, place: OutputPlace): string {
  return pattern.replace(BRACES, (_, word: keyof OutputPlace) => place[word]);
}
