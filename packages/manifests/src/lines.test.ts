import { describe, expect, it } from 'vitest';
import { entryAt } from './lines.ts';

const YAML = `kind: List
items:
  - kind: ConfigMap
  - kind: SealedSecret
    spec:
      encryptedData:
        password: hunter2 # mine
        'user': "ann"
---
a: {b: [one, two]}
`;
const at = (text: string, source = YAML) => entryAt(source, source.indexOf(text));

describe('entryAt', () => {
  it.each([
    ['hunter2', ['items', '1', 'spec', 'encryptedData', 'password']],
    ['password', ['items', '1', 'spec', 'encryptedData', 'password']],
    [' hunter2', ['items', '1', 'spec', 'encryptedData', 'password']],
    ['"ann"', ['items', '1', 'spec', 'encryptedData', 'user']],
    ['ConfigMap', ['items', '0', 'kind']],
    ['List', ['kind']],
  ])('finds the entry of %j', (text, path) => {
    expect(at(text)).toEqual({ document: 0, path });
  });
  it('finds entries of later documents, and in brackets', () => {
    expect(at('two')).toEqual({ document: 1, path: ['a', 'b', '1'] });
  });
  it('reads JSON too', () => {
    const json = '{"spec": {"encryptedData": {"a": "one", "b": "two"}}}';
    expect(at('two', json)).toEqual({ document: 0, path: ['spec', 'encryptedData', 'b'] });
  });
  it('finds nothing in a comment, between documents and in a text that is nested too deeply', () => {
    expect(at(' mine')).toEqual({ document: 0, path: ['items', '1', 'spec', 'encryptedData'] });
    expect(at('--\n')).toBeUndefined();
    expect(entryAt('['.repeat(20_000), 19_000)).toBeUndefined();
  });
});
