import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { certificateOf, NOW, openedWith, REPOSITORY, SETTINGS } from '../../testing/three-clusters.ts';

const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ now: NOW, ...more, argv: ['create', ...argv], files: { ...REPOSITORY, ...more.files } });
const PATTERN = ['-w', 'clusters/{cluster}/{namespace}/{name}.yaml'];

describe('kubeseal create for several clusters', () => {
  it('asks for each value once and seals it for every cluster into its own file', async () => {
    const argv = ['shop/db', 'password', '--generate', 'token=uuid', '--all', ...PATTERN];
    const { code, stderr, files } = await run(argv, { stdin: 'typed', tty: { stdin: true } });
    expect(code).toBe(0);
    expect(stderr.match(/value of password/g)).toHaveLength(1);
    expect(stderr.match(/note: created .*/g)).toEqual(
      ['prod', 'stage', 'dev'].map(
        (name) => `note: created shop/db in clusters/${name}/shop/db.yaml with password, token`,
      ),
    );
    const opened = [];
    for (const name of ['prod', 'stage', 'dev'] as const)
      opened.push(await openedWith(name, files[`clusters/${name}/shop/db.yaml`] ?? ''));
    expect(opened[0]).toEqual({ password: 'typed', token: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(opened.slice(1)).toEqual([opened[0], opened[0]]);
  });
  it('goes by output of the settings file, and by the clusters of --for', async () => {
    const files = { '.kubeseal.yaml': `${SETTINGS}output: "{cluster}/{name}.json"\n` };
    const { code, files: after } = await run(['shop/db', 'a=1', '--for', 'dev,prod'], { files });
    expect(code).toBe(0);
    expect(
      Object.keys(after)
        .filter((name) => name.endsWith('db.json'))
        .sort(),
    ).toEqual(['dev/db.json', 'prod/db.json']);
    expect(after['dev/db.json']).toMatch(/^\{/);
  });
  it('does not follow links of a repository out of the directory of its settings', async () => {
    const files = { '.kubeseal.yaml': `${SETTINGS}output: "clusters/{cluster}/new/{name}.json"\n` };
    const prepare = async (directory: string) => {
      await mkdir(join(directory, 'home'));
      await rename(join(directory, '.kubeseal.yaml'), join(directory, 'clusters/.kubeseal.yaml'));
      await symlink('../../home', join(directory, 'clusters/dev/new'));
    };
    const argv = ['shop/db', 'a=1', '--all', '--config', 'clusters/.kubeseal.yaml'];
    const settings = files['.kubeseal.yaml'].replaceAll('clusters/', '');
    const result = await run(argv, { files: { '.kubeseal.yaml': settings }, prepare });
    expect({ code: result.code, error: result.stderr.split('\n')[0] }).toEqual({
      code: 1,
      error:
        'error: clusters/dev/new/db.json is outside of the directory of clusters/.kubeseal.yaml: a link leads there',
    });
    expect(Object.keys(result.files).filter((name) => name.endsWith('db.json'))).toEqual([]);
  });
  it('makes directories for one cluster too', async () => {
    const { code, files } = await run([
      'shop/db',
      'a=1',
      '--for',
      'dev',
      '-w',
      'clusters/{cluster}/new/x.yaml',
    ]);
    expect(code).toBe(0);
    expect(await openedWith('dev', files['clusters/dev/new/x.yaml'] ?? '')).toEqual({ a: '1' });
  });
  it.each([
    [['--all'], 1, 'nothing says where each cluster gets its file'],
    [['--all', '-w', 'db.yaml'], 2, 'create: -w lacks {cluster}, so that all clusters would share one file'],
    [['--all', '-w', '{clutser}.yaml'], 2, 'create: -w has the unknown word {clutser}'],
    [['--all', '--for', 'dev', ...PATTERN], 2, 'create: --all and --for exclude each other'],
    [PATTERN, 2, 'create: -w has {cluster}, but no cluster is named'],
    [['--for', 'dev,prd', ...PATTERN], 1, '.kubeseal.yaml has no cluster prd'],
    [
      ['--for', 'dev,stage', '-w', 'clusters/prod/{cluster}.yaml'],
      1,
      'clusters/prod/dev.yaml is for cluster prod by .kubeseal.yaml line 6, not for dev',
    ],
    [['--all', ...PATTERN, '--no-config'], 1, 'no settings file says which clusters there are'],
  ])('with %j ends with code %i: %s', async (argv, code, message) => {
    const result = await run(['shop/db', 'a=1', ...argv]);
    expect({ code: result.code, error: result.stderr.split('\n')[0] }).toEqual({
      code,
      error: `error: ${message}`,
    });
    expect(Object.keys(result.files).filter((name) => !(name in REPOSITORY))).toEqual([]);
  });
  it.each([[[]], [['--dry-run']]])(
    'writes nothing where two clusters share a file, with %j',
    async (more) => {
      const prepare = async (directory: string) => {
        await rm(join(directory, 'clusters/dev'), { recursive: true });
        await symlink('prod', join(directory, 'clusters/dev'));
      };
      for (const [pattern, error] of [
        ['new/{cluster}/../db.yaml', 'new/stage/../db.yaml is the same file as new/prod/../db.yaml'],
        ['clusters/{cluster}/{name}.yaml', 'clusters/dev/db.yaml is the same file as clusters/prod/db.yaml'],
      ] as const) {
        const argv = ['shop/db', 'a=1', '--all', '-w', pattern, ...more];
        const result = await run(argv, { prepare });
        expect({ code: result.code, error: result.stderr.split('\n')[0] }).toEqual({
          code: 1,
          error: `error: ${error}`,
        });
        expect(Object.keys(result.files).filter((name) => name.endsWith('db.yaml'))).toEqual([]);
      }
    },
  );
  it('writes nothing where one cluster cannot be sealed for, or has the file already', async () => {
    const expired = await certificateOf('dev', new Date('2026-06-01T00:00:00Z'));
    const argv = ['shop/db', 'a=1', '--all', ...PATTERN];
    for (const file of ['clusters/dev/cert.pem', 'clusters/stage/shop/db.yaml']) {
      const { code, files } = await run(argv, { files: { [file]: expired } });
      expect({ code, made: files['clusters/prod/shop/db.yaml'] }).toEqual({ code: 1, made: undefined });
    }
  });
});
