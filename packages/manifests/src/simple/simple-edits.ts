import type { EditTree, EditTrees } from '../edits.ts';
import { isSimpleText, type SimpleDocument, type SimpleMap } from './simple-yaml.ts';

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Puts new strings into the places of old ones, and leaves every other byte as it is; the result is that of
 * editYaml.
 *
 * @param documents the text as readSimpleYaml reads it
 * @returns undefined for edits of another kind: those that add or remove, or need quotes
 */
export function editSimpleYaml(
  text: string,
  documents: readonly SimpleDocument[],
  trees: EditTrees,
): string | undefined {
  const splices: Splice[] = [];
  for (const [index, tree] of trees) {
    const document = documents[index];
    if (!document || !collect(document.entries, tree, splices)) return undefined;
  }
  let at = 0;
  let result = '';
  for (const splice of splices.sort((a, b) => a.start - b.start)) {
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}

/** @returns false if one of the edits is of another kind */
function collect(entries: SimpleMap, tree: EditTree, splices: Splice[]): boolean {
  for (const [name, wanted] of tree) {
    const entry = entries.get(name);
    if (!entry) return false;
    const { start, end, value } = entry;
    if (value instanceof Map) {
      if (!(wanted instanceof Map) || !collect(value, wanted, splices)) return false;
    } else {
      if (typeof value !== 'string' || typeof wanted !== 'string' || !isSimpleText(wanted)) return false;
      splices.push({ start, end, text: wanted });
    }
  }
  return true;
}
