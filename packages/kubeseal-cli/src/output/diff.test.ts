import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { unifiedDiff } from './diff.ts';

/** The lines that name the file of a diff. */
const namesIn = (path: string, cwd: string) => {
  const change = { before: Buffer.from('a\n'), after: Buffer.from('b\n') };
  return unifiedDiff(path, cwd, change, false).split('\n').slice(0, 2);
};

describe('the name of a file in a diff', () => {
  const directory = () => {
    const made = mkdtempSync(join(tmpdir(), 'kubeseal-diff-'));
    onTestFinished(() => rmSync(made, { recursive: true }));
    mkdirSync(join(made, 'repo/.git'), { recursive: true });
    mkdirSync(join(made, 'repo/a/..b'), { recursive: true });
    return made;
  };
  it.each([
    ['repo/a', 'x.yaml', 'x.yaml'],
    ['repo/a', './..b/x.yaml', '..b/x.yaml'],
    ['repo/a', '../x.yaml', 'x.yaml'],
    ['repo/a', '../c/x.yaml', 'c/x.yaml'],
    ['repo', 'a/x.yaml', 'a/x.yaml'],
  ])('in %s is for %s: %s', (cwd, path, name) => {
    const made = directory();
    for (const given of [path, join(made, cwd, path)])
      expect(namesIn(given, join(made, cwd))).toEqual([`--- a/${name}`, `+++ b/${name}`]);
  });
  it('is the whole path outside of the repository, and outside of the directory where there is none', () => {
    const made = directory();
    const names = [`--- a${made}/x.yaml`, `+++ b${made}/x.yaml`];
    expect(namesIn('../../x.yaml', join(made, 'repo/a'))).toEqual(names);
    expect(namesIn(join(made, 'x.yaml'), join(made, 'other'))).toEqual(names);
  });
});
