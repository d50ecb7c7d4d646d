import { describe, expect, it } from 'vitest';
import { isCheckedAlone, type OpenText } from './checked-text.ts';

const MAX_LENGTH = 4 * 1024 * 1024;
const textOf = (other: Partial<OpenText> & { readonly length?: number }): OpenText => ({
  uri: { scheme: 'file' },
  fileName: '/folder/db.yaml',
  languageId: 'yaml',
  getText: () => 'x'.repeat(other.length ?? 1),
  ...other,
});

describe('isCheckedAlone', () => {
  it.each<[boolean, string, Parameters<typeof textOf>[0]]>([
    [true, 'YAML', {}],
    [true, 'a manifest whose language the editor does not know', { languageId: 'plaintext' }],
    [true, 'a file of another name whose language is YAML', { fileName: '/folder/db' }],
    [false, 'another file in another language', { fileName: '/folder/db.ts', languageId: 'typescript' }],
    [false, 'a text that is no file of this disk', { uri: { scheme: 'vscode-vfs' } }],
    [true, 'a text of 4 Mi characters', { length: MAX_LENGTH }],
    [false, 'a longer text', { length: MAX_LENGTH + 1 }],
  ])('is %s for %s', (expected, _what, text) => {
    expect(isCheckedAlone(textOf(text))).toBe(expected);
  });
});
