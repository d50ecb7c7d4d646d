import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { downloadAddress, imageName, imageParts, OWNER, unfilledNames } from './owner.ts';
import { PUBLISHED } from './release/npm-packages.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');
const FILLED = {
  ...OWNER,
  registry: 'registry.example/team',
  repository: 'https://git.example.org/team/fuin',
  maintainer: 'Team <team@example.org>',
} as const;

describe('the names of the owner', () => {
  it('are those that the sources bear, so that a release can replace them', () => {
    const { image } = parse(read('deploy/helm/sealed-secrets/values.yaml'));
    expect({ registry: image.registry, repository: image.repository }).toEqual(imageParts(OWNER));
    expect(read('deploy/controller.yaml')).toContain(`image: ${imageName(OWNER)}:`);
    for (const name of PUBLISHED)
      expect(JSON.parse(read(`packages/${name}/package.json`)).name).toBe(`${OWNER.npmScope}/${name}`);
  });
  it('count as filled in when none is on localhost and each has its shape', () => {
    expect(unfilledNames(FILLED)).toEqual([]);
    expect(unfilledNames({ ...FILLED, registry: 'localhost/fuin' })).toEqual(['registry']);
    expect(unfilledNames({ ...FILLED, registry: 'registry.example/team; rm -r .' })).toEqual(['registry']);
    expect(unfilledNames({ ...FILLED, npmScope: 'team' })).toEqual(['npmScope']);
    expect(unfilledNames({ ...FILLED, repository: 'http://git.example.org/team/fuin' })).toEqual([
      'repository',
    ]);
    expect(unfilledNames({ ...FILLED, maintainer: 'Team' })).toEqual(['maintainer']);
  });
  it('say where a file is, in the words of the forge', () => {
    expect(downloadAddress(FILLED, '1.2.3', 'a')).toBe(`${FILLED.repository}/releases/download/v1.2.3/a`);
    expect(downloadAddress({ ...FILLED, forge: 'gitlab' }, '1.2.3', 'a')).toBe(
      `${FILLED.repository}/-/releases/v1.2.3/downloads/a`,
    );
  });
});
