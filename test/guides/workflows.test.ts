import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { guideTool } from '../support/tools/guide-tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const files = globSync('.github/workflows/*.yml', { cwd: ROOT }).sort();
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
/** Jobs that may do more than read, and why is in the workflow. */
const WRITERS = [
  '.github/workflows/pages.yml deploy',
  '.github/workflows/release.yml publish',
  '.github/workflows/release.yml documentation', // which hands its rights to pages.yml
];

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<string, { permissions: Record<string, string>; steps: { uses?: string }[] }>
  >;
}
const jobs = files.flatMap((file) =>
  Object.entries((parse(read(file)) as Workflow).jobs).map(([name, job]) => ({
    id: `${file} ${name}`,
    ...job,
  })),
);

describe('the workflows of this repository', () => {
  it('are accepted by actionlint', async () => {
    const { stdout } = await promisify(execFile)(guideTool('actionlint'), files, { cwd: ROOT });
    expect(stdout).toBe('');
    expect(files).toEqual(
      ['ci', 'kubernetes', 'mutation', 'pages', 'release', 'scorecard'].map(
        (name) => `.github/workflows/${name}.yml`,
      ),
    );
  });
  it('run no action but by the hash of a commit, with its version beside it', () => {
    const uses = files.flatMap((file) => read(file).match(/^.*\buses:.*$/gm) ?? []);
    expect(uses.length).toBeGreaterThan(5);
    expect(
      uses.filter(
        (line) =>
          !/uses: (?:[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/[\w-]+\.yml)$/.test(
            line,
          ),
      ),
    ).toEqual([]);
  });
  it('may do nothing unless a job says so, and few jobs may write', () => {
    expect(
      files.filter((file) => Object.keys((parse(read(file)) as Workflow).permissions).length > 0),
    ).toEqual([]);
    const writers = jobs.filter(({ permissions }) => Object.values(permissions).includes('write'));
    expect(writers.map(({ id }) => id)).toEqual(WRITERS);
  });
  it('serve the documentation from a job that may publish and runs nothing else', () => {
    const deploy = jobs.find(({ id }) => id === '.github/workflows/pages.yml deploy');
    expect(deploy?.steps.map(({ uses }) => uses?.split('@')[0])).toEqual(['actions/deploy-pages']);
    for (const file of ['.github/workflows/pages.yml', '.gitlab-ci.yml'])
      expect(read(file)).toContain('scripts/site/assemble.ts archives public');
  });
  it('publish on GitHub and GitLab by the same scripts, after two builds were compared', () => {
    for (const file of ['.github/workflows/release.yml', '.gitlab-ci.yml']) {
      const text = read(file);
      const order = ['scripts/release/ci-release', 'diff --recursive --brief', 'scripts/release/ci-publish'];
      const places = order.map((command) => text.indexOf(command));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places[0]).toBeGreaterThan(0);
    }
  });
});
