import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTree } from './tree.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubeseal-ignore-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Everything that a walk yields. */
async function listOf<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of walk) list.push(each);
  return list;
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

async function walked(...paths: string[]): Promise<string[]> {
  const stdin = { isTty: false, read: async () => Buffer.from('') };
  return (await listOf(readTree(paths, { cwd: root, stdin }))).map(({ where }) => where);
}

/** What Git would add, and nothing that this machine's configuration ignores. */
function listedByGit(): string[] {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'core.excludesFile=', ...args], { cwd: root, encoding: 'utf8' });
  git('init', '-q');
  const listed = git('ls-files', '--others', '--exclude-standard', '-z').split('\0');
  return listed.filter((name) => name.endsWith('.yaml'));
}

const NAMES = ['a', 'b', 'x', '[', '#', '!a', 'b c', 'A'];
const FILES = NAMES.slice(0, 4).flatMap((dir) => [
  ...NAMES.map((name) => `${dir}/${name}.yaml`),
  ...NAMES.map((name) => `${dir}/b/${name}.yaml`),
  `${dir}.yaml`,
]);
const PATTERNS = ['a', 'b/', '/x', '*', '*.yaml', '/*', 'a/b', '**/b', 'a/**', '**/x.yaml', 'b/x.yaml'];
const MORE = ['?.yaml', '[ab].yaml', '[!a].yaml', '\\#.yaml', '\\!a.yaml', '\\[/', 'b c.yaml', 'x.yaml  '];
const lines = fc.array(
  fc
    .tuple(fc.boolean(), fc.constantFrom(...PATTERNS, ...MORE, '# a', ''))
    .map(([not, pattern]) => (not && pattern ? `!${pattern}` : pattern)),
  { maxLength: 4 },
);

describe('readTree', () => {
  it('ignores what Git ignores, in the order of Git, with .gitignore files in several directories', async () => {
    const rules = fc.record({ '.gitignore': lines, 'a/.gitignore': lines, 'a/b/.gitignore': lines });
    const property = fc.asyncProperty(rules, async (given) => {
      const texts = Object.entries(given).map(([name, each]) => [name, `${each.join('\n')}\n`]);
      write(Object.fromEntries([...FILES.map((name) => [name, '']), ...texts]));
      expect(await walked('.')).toEqual(listedByGit());
    });
    await fc.assert(property, { seed: 14, numRuns: 60 });
  });
  it('goes by the .gitignore files above a directory, up to the repository', async () => {
    write({
      '.gitignore': 'x.yaml',
      'r/.git/HEAD': '',
      'r/.gitignore': 'plain.yaml\n/d/e/top.yaml\n',
      'r/d/.gitignore': '!plain.yaml\ne/own.yaml\n',
    });
    write(Object.fromEntries(['x', 'plain', 'top', 'own'].map((name) => [`r/d/e/${name}.yaml`, ''])));
    expect(await walked('r/d/e')).toEqual(['r/d/e/plain.yaml', 'r/d/e/x.yaml']);
  });
  it('reads files and directories that are named although they are ignored', async () => {
    write({ '.git/HEAD': '', '.gitignore': 'out/\n*.yaml\n', 'out/a.yaml': '', 'b.yaml': '' });
    expect(await walked('out', 'b.yaml')).toEqual(['out/a.yaml', 'b.yaml']);
    expect(await walked('.')).toEqual([]);
  });
  it('goes on to ignore below a directory that an inner .gitignore brings back', async () => {
    write({
      '.gitignore': 'b/\n*.bak.yaml\n',
      'a/.gitignore': '!b/\n',
      'a/b/x.yaml': '',
      'a/b/x.bak.yaml': '',
    });
    expect(await walked('.')).toEqual(['a/b/x.yaml']);
    expect(listedByGit()).toEqual(['a/b/x.yaml']);
  });
});
