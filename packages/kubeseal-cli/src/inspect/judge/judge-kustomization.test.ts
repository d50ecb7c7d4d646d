import { describe, expect, it } from 'vitest';
import { judgeKustomization } from './judge-kustomization.ts';

const found = (...secretGenerator: unknown[]) =>
  judgeKustomization({ secretGenerator }, { label: 'document 1', path: [] });
const literal = (item: string, name = 'db') => ({
  rule: 'kustomize-literals',
  message: `document 1: item ${item} of secretGenerator ${name} is in the clear`,
  about: ['secretGenerator', name, item],
  path: ['secretGenerator', '0', 'literals'],
});
const files = (listed: string, ...names: string[]) => ({
  rule: 'kustomize-files',
  message: `document 1: secretGenerator db reads values in the clear from ${listed}`,
  about: ['secretGenerator', 'db', ...names],
  path: ['secretGenerator', '0'],
});

describe('judgeKustomization', () => {
  it('tells each literal in the clear by its item', () => {
    expect(found({ name: 'db', literals: ['a=x', 'b=y=z'] })).toEqual([literal('a'), literal('b')]);
  });
  it('says so of a generator without a name, and of a literal without an item', () => {
    expect(found({ name: 7, literals: ['hunter2', '', 7] })).toEqual([literal('(no name)', '(no name)')]);
  });
  it.each(['a=', 'a={{ .Values.a }}', 'a="{{ .Values.a }}"', "a='{{ .Values.a }}'"])(
    'accepts the literal %s',
    (each) => {
      expect(found({ name: 'db', literals: [each] })).toEqual([]);
    },
  );
  it.each(['a="{{ .Values.a }}', 'a="{{ .Values.a }}"x', 'a=x"{{ .Values.a }}"'])(
    'refuses the literal %s',
    (each) => {
      expect(found({ name: 'db', literals: [each] })).toEqual([literal('a')]);
    },
  );
  it('names the files of all three fields', () => {
    const generator = { name: 'db', files: ['key=tls.key', 'tls.crt'], envs: ['a.env'], env: 'b.env' };
    expect(found(generator)).toEqual([
      files('tls.key, tls.crt, a.env, b.env', 'tls.key', 'tls.crt', 'a.env', 'b.env'),
    ]);
  });
  it('does not count empty names of files', () => {
    expect(found({ name: 'db', files: [''], envs: [''], env: '' })).toEqual([]);
  });
  it('names five files, and how many more there are', () => {
    expect(found({ name: 'db', files: ['1', '2', '3', '4', '5'] })).toEqual([
      files('1, 2, 3, 4, 5', '1', '2', '3', '4', '5'),
    ]);
    expect(found({ name: 'db', files: ['1', '2', '3', '4', '5', '6', '7'] })).toEqual([
      files('1, 2, 3, 4, 5, and 2 more', '1', '2', '3', '4', '5', '6', '7'),
    ]);
  });
  it.each([undefined, 'text', {}])('accepts what is no list of generators: %s', (secretGenerator) => {
    expect(judgeKustomization({ secretGenerator }, { label: 'document 1', path: [] })).toEqual([]);
  });
});
