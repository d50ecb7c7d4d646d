import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const IMPORT = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;

interface Import {
  readonly file: string;
  readonly target: string;
}

/** Which packages of ours each room may import (docs/adr and CONTRIBUTING.md draw the same map). */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'packages/crypto-core': [],
  'packages/go-template': [],
  'packages/flags': ['@fuin/crypto-core'],
  'packages/manifests': ['@fuin/crypto-core'],
  'packages/kube': ['@fuin/crypto-core', '@fuin/flags', '@fuin/manifests'],
  'packages/kubeseal-cli': [
    '@fuin/crypto-core',
    '@fuin/flags',
    '@fuin/go-template',
    '@fuin/kube',
    '@fuin/manifests',
  ],
  'packages/controller': ['@fuin/crypto-core', '@fuin/flags', '@fuin/go-template', '@fuin/kube'],
  'test/apiserver': [],
};

function importsOf(room: string): Import[] {
  const files = globSync(`${room}/{src,bin}/**/*.ts`, { cwd: root }).filter(
    (file) => !file.endsWith('.test.ts') && !file.includes('/src/testing/'),
  );
  return files.flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8').replace(/^ *\*.*$/gm, ''); // examples in comments import too
    return [...source.matchAll(IMPORT)].map(([, target = '']) => ({ file, target }));
  });
}

/** Files of `room` that import a target for which `matches` holds. */
function importers(room: string, matches: (target: string) => boolean): string[] {
  const found = importsOf(room).filter(({ target }) => matches(target));
  return [...new Set(found.map(({ file }) => relative(room, file)))].sort();
}

/** Path of a relative import below the room; undefined for packages. */
function resolved({ file, target }: Import): string | undefined {
  return target.startsWith('.') ? join(dirname(file), target) : undefined;
}

describe('imports', () => {
  it.each(Object.entries(ALLOWED))('%s sees only what it may see of ours', (room, allowed) => {
    const packageOf = (target: string) => target.split('/').slice(0, 2).join('/');
    expect(
      importers(room, (target) => target.startsWith('@fuin/') && !allowed.includes(packageOf(target))),
    ).toEqual([]);
    const escaping = importsOf(room).filter((each) => !(resolved(each) ?? room).startsWith(room));
    expect(escaping).toEqual([]);
  });
  it.each(['packages/crypto-core', 'packages/manifests'])(
    '%s is isomorphic: it imports no node module',
    (room) => {
      expect(importers(room, (target) => target.startsWith('node:'))).toEqual([]);
    },
  );
  it('node-forge appears in one file', () => {
    expect(importers('packages/crypto-core', (target) => target === 'node-forge')).toEqual([
      'src/keys/new-certificate.ts',
    ]);
    for (const room of ['packages/kubeseal-cli', 'packages/controller']) {
      expect(importers(room, (target) => target === 'node-forge')).toEqual([]);
    }
  });
  it('the Kubernetes client is imported by tests only', () => {
    const isClient = (target: string) => target.startsWith('@kubernetes/');
    for (const room of ['packages/kube', 'packages/kubeseal-cli', 'packages/controller'])
      expect(importers(room, isClient)).toEqual([]);
  });
});
