import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chosenKubernetes, KNOWN_KUBERNETES, NEWEST_KUBERNETES } from '../kube-apiserver/kubernetes.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
const [oldest, ...others] = KNOWN_KUBERNETES.toReversed();

describe('the versions of Kubernetes that tests run on', () => {
  it.each(['docs/compatibility.md', 'docs/installation.md'])('are those that %s names', (page) => {
    const versions = [oldest, ...others].map((each) => each?.version.slice(1)).join(' and ');
    expect(read(page)).toContain(`tried with kube-apiserver ${versions}, and on nodes of`);
    expect(read(page)).toContain(`on nodes of ${NEWEST_KUBERNETES.version.slice(1)}`);
  });
  it('have the oldest among them in CI and every week', () => {
    expect(read('.ci/run')).toContain(`FUIN_KUBERNETES=${oldest?.minor} `);
    expect(read('.github/workflows/kubernetes.yml')).toContain(`FUIN_KUBERNETES: "${oldest?.minor}"`);
  });
});

describe('Renovate', () => {
  const { packageRules, ignorePresets, ignorePaths } = JSON.parse(read('renovate.json')) as {
    packageRules: { description?: string; matchFileNames?: string[]; enabled?: boolean }[];
    ignorePresets: string[];
    ignorePaths: string[];
  };
  const leavesAlone = (file: string) =>
    packageRules.some(
      ({ matchFileNames, enabled }) =>
        enabled === false && matchFileNames?.some((pattern) => matchesGlob(file, pattern)),
    );
  it('moves the newest, and leaves the older ones where they are', () => {
    const [newest, ...older] = KNOWN_KUBERNETES.map(({ moduleFile }) => `test/kube-apiserver/${moduleFile}`);
    expect(leavesAlone(newest ?? '')).toBe(false);
    expect(older.filter((file) => !leavesAlone(file))).toEqual([]);
  });
  it('sees what is below test', () => {
    expect(ignorePresets).toContain(':ignoreModulesAndTests');
    expect(ignorePaths.filter((pattern) => matchesGlob('test/kube-apiserver/go.mod', pattern))).toEqual([]);
  });
});

describe('chosenKubernetes', () => {
  it('is the newest by default, and every other one by its minor version', () => {
    expect(chosenKubernetes(undefined)).toBe(NEWEST_KUBERNETES);
    expect(KNOWN_KUBERNETES.map(({ minor }) => chosenKubernetes(minor))).toEqual(KNOWN_KUBERNETES);
  });
  it('refuses what nothing can be built from, and names what can', () => {
    expect(() => chosenKubernetes('1.2')).toThrow(
      `FUIN_KUBERNETES=1.2 is none of ${NEWEST_KUBERNETES.minor}, `,
    );
  });
});
