import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder } from '../testing/editor-folder.ts';
import { SETTINGS } from '../testing/three-clusters.ts';
import { checkFolder, checkText, inspectText } from './index.ts';

const SECRET = 'kind: Secret\nmetadata: {name: db}\nstringData:\n  password: hunter2\n';
const FILE = 'clusters/prod/db.yaml';

describe('checkText', () => {
  it('finds what kubeseal check finds, at its line, in a text that is not saved', async () => {
    await inFolder({}, async ({ world }) => {
      const problems = await checkText({ text: `a: 1\n---\n${SECRET}`, file: FILE }, world);
      expect(problems).toEqual([
        {
          file: FILE,
          line: 5,
          severity: 'error',
          rule: 'plain-secret',
          message: `document 2 of ${FILE} is a Secret in the clear: db`,
          hint: expect.stringContaining('seal a Secret'),
        },
      ]);
      expect(JSON.stringify(problems)).not.toContain('hunter2');
    });
  });
  it('finds nothing in a text without secrets', async () => {
    await inFolder({}, async ({ world }) => {
      expect(await checkText({ text: 'kind: ConfigMap\n', file: FILE }, world)).toEqual([]);
    });
  });
});

describe('checkFolder', () => {
  it('reads the files of the folder, and leaves ignored ones out', async () => {
    const files = { 'a.yaml': SECRET, 'b.yaml': 'a: 1\n', '.gitignore': 'c.yaml\n', 'c.yaml': SECRET };
    await inFolder(files, async ({ world }) => {
      const { files: count, problems } = await checkFolder(world, false);
      expect(count).toBe(3); // with the settings
      expect(problems.map(({ file, rule }) => [file, rule])).toEqual([['a.yaml', 'plain-secret']]);
    });
  });
  it('leaves files of another open folder to the check of that folder', async () => {
    const files = { 'a.yaml': SECRET, 'app/b.yaml': SECRET, 'apple/c.yaml': SECRET };
    await inFolder(files, async ({ world }) => {
      const inner = join(world.folder, 'app');
      const folders = [world.folder, inner, dirname(world.folder)];
      const outside = await checkFolder(world, false, folders);
      expect(outside.problems.map(({ file }) => file)).toEqual(['a.yaml', 'apple/c.yaml']);
      expect(outside.files).toBe(3); // with the settings
      const inside = await checkFolder({ ...world, folder: inner }, false, folders);
      expect(inside.problems.map(({ file }) => file)).toEqual(['b.yaml']);
    });
  });
});

describe('checkFolder, for a file that Git tracks although it is ignored', () => {
  it.each([
    [true, ['c.yaml']],
    [false, []],
  ])('asks Git only where it may: %s', async (asksGit, expected) => {
    const files = { '.git/HEAD': 'ref: refs/heads/main\n', '.gitignore': 'c.yaml\n', 'c.yaml': SECRET };
    await inFolder(files, async ({ world }) => {
      const git = (...words: string[]) => execFileSync('git', words, { cwd: world.folder });
      git('init', '--quiet');
      git('add', '--force', 'c.yaml');
      const { problems } = await checkFolder(world, asksGit);
      expect(problems.map(({ file }) => file)).toEqual(expected);
    });
  });
});

describe('inspectText', () => {
  it('tells that there is nothing, and what cannot be read', async () => {
    await inFolder({}, async ({ world }) => {
      expect(await inspectText({ text: 'a: 1\n', file: FILE }, world)).toBe(
        'note: there is no SealedSecret\n',
      );
      const broken = await inspectText({ text: 'kind: SealedSecret\nspec: 1\n', file: FILE }, world);
      expect(broken).toContain('error: document 1 of');
      expect(SETTINGS).toContain('prod');
    });
  });
});
