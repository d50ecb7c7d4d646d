import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Disk, readTree } from './tree.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kubeseal-tree-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const stdin = { isTty: false, read: async () => Buffer.from('from stdin') };

/** Everything that a walk yields. */
async function listOf<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of walk) list.push(each);
  return list;
}

function write(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name);
  }
}

/** The names of what is read, with the message where something cannot be. */
async function read(paths: readonly string[], disk?: Disk): Promise<string[]> {
  const found = await listOf(readTree(paths, { cwd: root, stdin }, disk));
  return found.map((each) => ('error' in each ? `${each.where}: ${each.error.message}` : each.where));
}

/** A disk that writes down what is done with it. */
function counting(done: string[]): Disk {
  return {
    list: (directory) => {
      done.push('list');
      return readdirSync(directory, { withFileTypes: true });
    },
    read: (file) => {
      done.push('read');
      return readFileSync(file);
    },
    stat: (path) => {
      done.push('stat');
      return statSync(path);
    },
    tracked: () => [],
  };
}

describe('readTree', () => {
  it('reads what Git tracks although .gitignore matches it, and nothing else that is ignored', async () => {
    write('a.yaml', 'out/b.yaml', 'out/c.yaml', 'out/d.txt');
    writeFileSync(join(root, '.gitignore'), 'out/\n');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'core.excludesFile=', ...args], { cwd: root });
    git('init', '-q');
    git('add', '-f', 'a.yaml', 'out/b.yaml', 'out/d.txt');
    expect(await read(['.'])).toEqual(['a.yaml', 'out/b.yaml']);
    expect(await read(['out'])).toEqual(['out/b.yaml', 'out/c.yaml']);
  });
  it('reads YAML and JSON files below a directory, in the order of their paths', async () => {
    write(
      'd/b/x.yml',
      'd/b.yaml',
      'd/a/deep/er/y.JSON',
      'd/c.json',
      'd/README.md',
      'd/.github/w.yaml',
      'd/noext',
    );
    expect(await read(['d'])).toEqual([
      'd/.github/w.yaml',
      'd/a/deep/er/y.JSON',
      'd/b.yaml',
      'd/b/x.yml',
      'd/c.json',
    ]);
  });
  it('reads a named file whatever it is called, and stdin', async () => {
    write('sealed', 'd/x.yaml');
    const found = await listOf(readTree(['sealed', '-', 'd/'], { cwd: root, stdin }));
    expect(found.map((each) => 'bytes' in each && Buffer.from(each.bytes).toString())).toEqual([
      'sealed',
      'from stdin',
      'd/x.yaml',
    ]);
  });
  it('reads a file once, however many arguments name it', async () => {
    write('d/e/x.yaml', 'd/y.yaml');
    expect(await read(['d/e/x.yaml', '-', 'd', './d/e', join(root, 'd/y.yaml'), '-'])).toEqual([
      'd/e/x.yaml',
      'stdin',
      'd/y.yaml',
    ]);
  });
  it('does not enter .git and node_modules', async () => {
    write('.git/x.yaml', 'node_modules/p/x.yaml', 'a/node_modules/x.yaml', 'a/node_modules.yaml');
    expect(await read(['.'])).toEqual(['a/node_modules.yaml']);
  });
  it('reads files through links and does not follow links to directories, which may lead in circles', async () => {
    write('d/x.yaml', 'other/y.yaml');
    symlinkSync('..', join(root, 'd/up'));
    symlinkSync('..', join(root, 'd/up.yaml'));
    symlinkSync('../other', join(root, 'd/other'));
    symlinkSync('../other/y.yaml', join(root, 'd/z.yaml'));
    symlinkSync('d', join(root, 'named'));
    expect(await read(['d'])).toEqual(['d/x.yaml', 'd/z.yaml']);
    expect(await read(['named'])).toEqual(['named/x.yaml', 'named/z.yaml']);
  });
  it('reports what cannot be read and goes on', async () => {
    write('d/a.yaml', 'd/f/x.yaml', 'd/g/.gitignore', 'd/g/y.yaml', 'd/z.yaml');
    symlinkSync('loop.yaml', join(root, 'd/loop.yaml'));
    symlinkSync('gone', join(root, 'd/link.yaml'));
    writeFileSync(join(root, 'd/large.json'), '');
    truncateSync(join(root, 'd/large.json'), 64 * 1024 * 1024 + 1);
    const refuse = (path: string) => {
      if (/f$|gitignore$|a.yaml$/.test(path)) throw Object.assign(new Error(), { code: 'EACCES' });
      return path;
    };
    const real = counting([]);
    const disk: Disk = {
      ...real,
      list: (path) => real.list(refuse(path)),
      read: (path) => real.read(refuse(path), path),
    };
    expect(await read(['nope', 'd'], disk)).toEqual([
      'nope: open nope: no such file or directory',
      'd/a.yaml: open d/a.yaml: permission denied',
      'd/f: open d/f: permission denied',
      'd/g/.gitignore: open d/g/.gitignore: permission denied',
      'd/g/y.yaml',
      'd/large.json: d/large.json is over 64 MiB, which is too large for a manifest',
      'd/link.yaml: open d/link.yaml: no such file or directory',
      'd/loop.yaml: open d/loop.yaml: too many levels of symbolic links',
      'd/z.yaml',
    ]);
  });
  it('reads a pipe, and refuses one with more than 64 MiB', async () => {
    write('d/a.yaml');
    for (const [name, bytes] of [
      ['small', 200_000],
      ['large', 64 * 1024 * 1024 + 1],
    ]) {
      execFileSync('mkfifo', [join(root, `${name}`)]);
      spawn('sh', ['-c', `head -c ${bytes} /dev/zero > ${name}`], { cwd: root });
    }
    expect(await read(['small', 'large'])).toEqual(['small', 'large: large has no end within 64 MiB']);
  });
  it('reads a file only when the one before is done with', async () => {
    write('d/a.yaml', 'd/b.yaml', 'd/c.yaml');
    const done: string[] = [];
    const files = readTree(['d'], { cwd: root, stdin }, counting(done));
    for (const count of [1, 2, 3]) {
      await files.next();
      expect(done.filter((each) => each === 'read')).toHaveLength(count);
    }
  });
  it('does twice the work for twice the files', async () => {
    const work = async (size: number) => {
      const names = Array.from({ length: size }, (_, at) => `${size}/${at % 10}/${at}/x.yaml`);
      write(...names);
      const done: string[] = [];
      await read([String(size)], counting(done));
      return done.length;
    };
    const [once, twice] = [await work(50), await work(100)];
    expect(twice - once).toBe(50 * 3); // a list, a stat and a read for each
  });
});
