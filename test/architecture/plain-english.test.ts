import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const MAX_COLUMNS = 110;
const COMMENT = /^\s*(?:\/\/|\/?\*)|\s\/\/ /;

/** What readers whose English is a second language stumble over, and what to write. */
const GLOSSARY: readonly (readonly [RegExp, string])[] = [
  [/\b(?:an)?other hands?\b/i, 'something else'],
  [/\b(?:is|are|was|were|be|been) told\b|\btold (?:to|that|once|of|otherwise|so|about|by)\b/, 'is reported'],
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
  'packages/*/{*.{ts,md},go/**/*.go,man/*,vectors/*.md}',
  'test/**/*.{ts,js,go,md}',
  '{.ci,scripts}/**/*.{ts,md}',
  'deploy/**/*.{ts,md,yaml,tpl}',
  'deploy/image/Dockerfile',
  'deploy/helm/*/{dashboards/*.json,templates/NOTES.txt}',
  'examples/**/*.{ts,md,yaml,yml}',
  'docs/**/*.md',
  '{README,CONTRIBUTING,SECURITY}.md',
  '{*.ts,pnpm-workspace.yaml}',
  '{action,.pre-commit-hooks}.{yml,yaml}',
  'templates/*.yml',
];

/**
 * Why a file of these is not read. CLEAN does not name CHANGELOG.md, which quotes earlier versions, nor
 * recorded output, vectors, licences and lock files, whose words come from elsewhere.
 */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'test/architecture/plain-english.test.ts': 'it holds the words',
};

const files = CLEAN.flatMap((pattern) => globSync(pattern, { cwd: root })).filter(
  (file) => !(file in LEFT_OUT),
);
const sources = files.map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
const BREAK = /\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g;

/** Where a word stands, with what surrounds it; it may go on in the next line of a comment. */
function placesOf(word: RegExp): string[] {
  const all = new RegExp(word, `g${word.flags}`);
  return sources.flatMap(({ file, text }) => {
    const prose = text.replace(BREAK, ' ');
    return [...prose.matchAll(all)].map(
      ({ index }) => `${file}: ${prose.slice(Math.max(0, index - 40), index + 60)}`,
    );
  });
}

describe('plain English', () => {
  it.each(GLOSSARY)('has no %s: write "%s"', (word) => {
    expect(placesOf(word)).toEqual([]);
  });
  it('is read in many files', () => {
    expect(files.length).toBeGreaterThan(750);
  });
});

describe('comments', () => {
  it(`end at column ${MAX_COLUMNS}`, () => {
    const lines = sources
      .filter(({ file }) => file.endsWith('.ts'))
      .flatMap(({ file, text }) => text.split('\n').map((line) => ({ file, line })));
    const long = lines.filter(
      ({ line }) => COMMENT.test(line) && line.length > MAX_COLUMNS && !/https?:\/\//.test(line),
    );
    expect(long).toEqual([]);
  });
});
