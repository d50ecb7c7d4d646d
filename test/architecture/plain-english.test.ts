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
  [/\btaken in\b/, 'accepted'],
  [/\bnews\b/i, 'the change'],
  [/(?<!first )(?<!last )(?<!one )\bin line\b(?! (?:\d|\$\{))/, 'in sync'],
  [/\bwhoever\b/i, 'anyone who'],
  [/\bwho does not\b/i, 'anyone who does not'],
  [/\bas upstream\b(?!'s)/i, 'like upstream'],
  [/\bOurs: /, 'Fuin only: '],
  [/\b(?:is|are|was|were) to be\b/, 'must be'],
  [/\b(?:a|one|each|every|first|last|next|its|whose|no|failed|earlier|outdated) pass\b/i, 'a reconcile'],
  [/\b(?:not a|an empty|empty) text\b/, 'string'],
];

/** Everything that people read. A new folder needs its place here. */
const CLEAN = [
  'packages/*/{bin,src}/**/*.{ts,md}',
  'packages/*/*.md',
  'test/**/*.{ts,md}',
  '{.ci,scripts}/**/*.{ts,md}',
  'deploy/**/*.{ts,md,yaml,tpl}',
  'deploy/helm/*/{dashboards/*.json,templates/NOTES.txt}',
  'examples/**/*.{ts,md,yaml,yml}',
  'docs/**/*.md',
  '{README,CONTRIBUTING,SECURITY}.md',
];

/** Why a file is not read. CHANGELOG.md is none of CLEAN: it quotes what earlier versions said. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'test/architecture/plain-english.test.ts': 'it holds the words',
};

const files = CLEAN.flatMap((pattern) => globSync(pattern, { cwd: root })).filter(
  (file) => !(file in LEFT_OUT),
);
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
    expect(files.length).toBeGreaterThan(750);
  });
});

describe('comments', () => {
  it(`end at column ${MAX_COLUMNS}`, () => {
    const code = lines.filter(({ at }) => at.includes('.ts:'));
    const long = code.filter(
      ({ text }) => COMMENT.test(text) && text.length > MAX_COLUMNS && !/https?:\/\//.test(text),
    );
    expect(long.map(({ at, text }) => `${at}: ${text}`)).toEqual([]);
  });
});
