import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsOf, maySee, readMap, roomOf, sources, testImports } from './map.ts';

const rooms = readMap();
const files = sources();
const imports = files.flatMap(importsOf);
const shown = ({ file, target, specifier }: Import) => `${file} imports ${target ?? specifier}`;

/** Files that import a module for which `matches` holds. */
function importers(folder: string, matches: (specifier: string) => boolean): string[] {
  const found = imports.filter(({ file, specifier }) => file.startsWith(folder) && matches(specifier));
  return [...new Set(found.map(({ file }) => file))];
}

/** The first circle that a walk along the imports closes, type imports counted; empty where there is none. */
function findCircle(): string[] {
  const targets = Map.groupBy(imports, ({ file }) => file);
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { target } of targets.get(file) ?? []) {
      const circle = target === undefined ? [] : walk(target, [...trail, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  return files.map((file) => walk(file, [])).find((circle) => circle.length > 0) ?? [];
}

describe('the map of the rooms in CONTRIBUTING.md', () => {
  it('has every source in one room, and no room without a source', () => {
    expect(files.filter((file) => roomOf(file, rooms) === undefined)).toEqual([]);
    const lived = new Set(files.map((file) => roomOf(file, rooms)?.name));
    expect(rooms.map(({ name }) => name).filter((name) => !lived.has(name))).toEqual([]);
  });
  it('lists a room below those that see it, so that no import leads up', () => {
    const names = rooms.map(({ name }) => name);
    const wrong = rooms.flatMap((room, at) =>
      rooms
        .filter((other, position) => position >= at && maySee(room, other))
        .map(({ name }) => `${room.name} sees ${name}`),
    );
    expect(wrong).toEqual([]);
    const unknown = rooms.flatMap(({ sees }) =>
      sees.filter((seen) => !seen.endsWith('/*') && !names.includes(seen)),
    );
    expect(unknown).toEqual([]);
  });
  it('is what the sources keep to, type imports counted', () => {
    const strays = imports.filter(({ file, target }) => {
      if (target === undefined) return false;
      const [from, to] = [roomOf(file, rooms), roomOf(target, rooms)];
      return !from || !to || (from !== to && !maySee(from, to));
    });
    expect(strays.map(shown)).toEqual([]);
  });
  it('promises nothing that no source needs', () => {
    const used = new Set(
      imports.map(
        ({ file, target }) => `${roomOf(file, rooms)?.name} > ${roomOf(target ?? file, rooms)?.name}`,
      ),
    );
    const idle = rooms.flatMap(({ name, sees }) =>
      sees
        .filter((seen) => !seen.endsWith('/*') && !used.has(`${name} > ${seen}`))
        .map((seen) => `${name} sees ${seen}`),
    );
    expect(idle).toEqual([]);
  });
});

describe('the sources', () => {
  it('have no circle of imports, type imports counted', () => {
    expect(findCircle()).toEqual([]);
  });
  it('stand 12 in a folder at most', () => {
    const folders = Map.groupBy(files, dirname);
    expect([...folders].filter(([, loose]) => loose.length > 12).map(([folder]) => folder)).toEqual([]);
  });
  it.each([
    ['kubeseal-cli', 12],
    ['controller', 13],
  ])('of %s lie in few folders beside its helpers for tests: %i at most', (name, most) => {
    const folder = new RegExp(`^packages/${name}/src/([^/]+)/`);
    const folders = new Set(files.map((file) => folder.exec(file)?.[1]));
    for (const none of [undefined, 'testing']) folders.delete(none);
    expect([...folders].slice(most)).toEqual([]);
  });
  it('say in their first line why they have more than 200 lines', () => {
    const silent = files.filter((file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.length > 201 && !lines[0]?.startsWith('// Over 200 lines: ');
    });
    expect(silent).toEqual([]);
  });
  it.each(['crypto-core', 'manifests'])('of %s are isomorphic: they import no module of Node', (name) => {
    expect(importers(`packages/${name}/src`, (specifier) => specifier.startsWith('node:'))).toEqual([]);
  });
  it.each([
    ['node-forge', 'packages/crypto-core/src/keys/new-certificate.ts'],
    ['@kubernetes/client-node', 'packages/kube/src/access'],
  ])('of one place import %s', (name, place) => {
    const isModule = (specifier: string) => specifier === name || specifier.startsWith(`${name}/`);
    const elsewhere = importers('packages', isModule).filter((file) => !file.startsWith(place));
    expect(elsewhere).toEqual([]);
  });
});

describe('the suites', () => {
  it('import test/support and their own folder, and nothing of each other', () => {
    const suiteOf = (path: string) => /^test\/([^/]+)\//.exec(path)?.[1];
    const shared = ['support', 'vectors', 'kube-apiserver', 'apiserver'];
    const reads = ['architecture']; // which holds the tables of other suites against the pages
    const strays = imports.concat(testImports()).filter(({ file, target = '' }) => {
      const [from, to] = [suiteOf(file), suiteOf(target)];
      return from && to && from !== to && !shared.includes(to) && !reads.includes(from);
    });
    expect(strays.map(shown)).toEqual([]);
  });
});
