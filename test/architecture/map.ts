import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** `import x from '...'`, `export x from '...'`, `import '...'` and `import('...')`, types included. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^'\n]+)'/g;
const PACKAGE = /^@fuin\/([\w-]+)(?:\/([\w-/]+))?$/;

/** A room of the house: the loose sources of one folder, or those of them that the map names. */
export interface Room {
  /** As the map writes it: `kube/access`, or `controller: log metrics` for some files of a folder. */
  readonly name: string;
  readonly folder: string;
  /** Names without extension; undefined for all that no other room of the folder names. */
  readonly files: readonly string[] | undefined;
  /** Names of the rooms that it may import, in the map's words; `kube/*` means every room below `kube`. */
  readonly sees: readonly string[];
}

/** One import of a source. */
export interface Import {
  readonly file: string;
  /** What stands in the source. */
  readonly specifier: string;
  /** The file that it leads to, from the root; undefined where that is nothing of ours. */
  readonly target: string | undefined;
}

/** The rooms in the order of CONTRIBUTING's map, the lowest first. */
export function readMap(): Room[] {
  const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const [, map = ''] = /^\| room \| holds \| sees \|\n\|(?:-+\|)+\n((?:\|.*\|\n)+)/m.exec(page) ?? [];
  return [...map.matchAll(/^\| `([^`]+)` \| .* \| ([^|]*) \|$/gm)].map(([, name = '', sees = '']) => {
    const [place = '', files] = name.split(': ');
    return {
      name,
      folder: folderOf(place),
      files: files?.split(' '),
      sees: [...sees.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room),
    };
  });
}

/** `kube/access` is packages/kube/src/access; what is no package stands at the root. */
function folderOf(place: string): string {
  const [name = '', ...rest] = place.split('/');
  return existsSync(join(ROOT, 'packages', name)) ? join('packages', name, 'src', ...rest) : place;
}

/** Every source of the project but tests and what only starts a program, from the root. */
export function sources(): string[] {
  const all = globSync('{packages/*/*.ts,{packages/*/src,scripts,deploy,examples,test}/**/*.ts}', {
    cwd: ROOT,
    exclude: (path) => /(^|\/)(node_modules|dist|\.cache)$/.test(path),
  });
  return all.filter((file) => !/\.(test|d)\.ts$/.test(file)).sort();
}

/** What a source, or a test, imports. */
export function importsOf(file: string): Import[] {
  const source = readFileSync(join(ROOT, file), 'utf8').replace(/^ *\*.*$/gm, ''); // examples import too
  return [...source.matchAll(IMPORT)].map(([, specifier = '']) => ({
    file,
    specifier,
    target: targetOf(file, specifier),
  }));
}

function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(file), specifier);
  const [, name, entry] = PACKAGE.exec(specifier) ?? [];
  if (name === undefined) return undefined;
  const manifest = join(ROOT, 'packages', name, 'package.json');
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: Record<string, string> };
  const path = exports[entry === undefined ? '.' : `./${entry}`] ?? exports['./*']?.replace('*', entry ?? '');
  if (path === undefined) throw new Error(`${file}: there is no ${specifier}`);
  return join('packages', name, path);
}

/** The room of a file; undefined for one that the map forgot. */
export function roomOf(file: string, rooms: readonly Room[]): Room | undefined {
  const own = rooms.filter(({ folder }) => folder === dirname(file));
  return own.find(({ files }) => files?.includes(basename(file, '.ts'))) ?? own.find(({ files }) => !files);
}

/** Whether the map lets a room see another. */
export function maySee(room: Room, other: Room): boolean {
  const place = (name: string) => name.split(': ')[0] ?? '';
  return room.sees.some(
    (seen) => seen === other.name || (seen.endsWith('/*') && place(other.name).startsWith(seen.slice(0, -2))),
  );
}

/** Imports of the tests in `test/`. */
export function testImports(): Import[] {
  return globSync('test/**/*.test.ts', { cwd: ROOT }).flatMap(importsOf);
}
