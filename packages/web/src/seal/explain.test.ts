import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en } from '../texts/en.ts';
import { EXPLANATIONS, explanationOf } from './explain.ts';

const page = readFileSync(new URL('../../../../docs/troubleshooting.md', import.meta.url), 'utf8');
/** Without marks, in lower case, since a cell begins without a capital. */
const plain = (text: string) => text.replaceAll('`', '').toLowerCase();

describe('EXPLANATIONS', () => {
  it.each(EXPLANATIONS)('"%s" is explained in the words of docs/troubleshooting.md', (part, text) => {
    const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(part)) ?? '';
    for (const sentence of en[text].split('. ').filter((each) => each !== ''))
      expect(plain(row)).toContain(plain(sentence).replace(/\.$/, ''));
  });
  it('explains a message by a part of it, and nothing else', () => {
    expect(explanationOf('document 1 of db.yaml is not valid YAML: line 5')).toBe('syntaxError');
    expect(explanationOf('line 3 of .env is not ITEM=VALUE')).toBeUndefined();
  });
});
