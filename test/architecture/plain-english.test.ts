import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const MAX_COLUMNS = 110;
const COMMENT = /^\s*(?:\/\/|\/?\*)|\s\/\/ /;

/** What readers whose English is a second language stumble over, and what to write. */
const GLOSSARY: readonly (readonly [RegExp, string])[] = [
  [/\b(?:an)?other hands?\b/i, 'something else'],
  [/\b(?:is|are|was|were|be|been) told\b|\btold (?:to|that|once|of)\b/, 'is reported'],
  [/\b(?:is|are|was|were|be|been) taken in\b/, 'is accepted'],
  [/\bnews\b/i, 'the change'],
  [/(?<!first )(?<!last )(?<!one )\bin line\b(?! \d)/, 'in sync'],
  [/\bwhoever\b/i, 'anyone who'],
  [/\bas upstream\b(?!')/i, 'like upstream'],
  [/\bOurs: /, 'Fuin only: '],
  [/\b(?:is|are|was|were) to be\b/, 'must be'],
  [/\b(?:a|one|each|every|last|next|earlier|outdated) pass\b/, 'a reconcile'],
  [/\b(?:not a|an empty|empty) text\b/, 'string'],
];

/** Folders that are clean. The list grows; nothing is taken off it. */
const CLEAN = [
  'packages/controller/{bin,src}',
  'packages/flags/src',
  'packages/go-template/src',
  'packages/kube/src/{cache,events,leader-election,time}',
  'packages/kubeseal-cli/src/{certificate,check,commands,help,input,invocation,output,testing}',
];

const files = CLEAN.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root })).sort();
const lines = files.flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ text, at: `${file}:${index + 1}` })),
);

describe('plain English', () => {
  it.each(GLOSSARY)('has no %s: write "%s"', (word) => {
    expect(lines.filter(({ text }) => word.test(text)).map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  });
  it('is read in many files', () => {
    expect(files.length).toBeGreaterThan(150);
  });
});

describe('comments', () => {
  it(`end at column ${MAX_COLUMNS}`, () => {
    const long = lines.filter(
      ({ text }) => COMMENT.test(text) && text.length > MAX_COLUMNS && !/https?:\/\//.test(text),
    );
    expect(long.map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  });
});
