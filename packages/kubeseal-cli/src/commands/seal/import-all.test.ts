import { describe, expect, it } from 'vitest';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { NOW, openedWith, REPOSITORY, SETTINGS } from '../../testing/three-clusters.ts';

const PATTERN = ['-w', 'clusters/{cluster}/{namespace}/{name}.yaml'];
const SOURCE = { 'a.env': 'USER=ann\nPASSWORD=hunter2\n' };
const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({
    now: NOW,
    ...more,
    argv: ['import', 'env:a.env', ...argv],
    files: { ...REPOSITORY, ...SOURCE, ...more.files },
  });

describe('kubeseal import for several clusters', () => {
  it('reads the source once and seals its values for every cluster', async () => {
    const { code, stderr, files } = await run(['shop/db', '--all', ...PATTERN]);
    expect(code).toBe(0);
    expect(stderr.match(/note: read a\.env/g)).toHaveLength(1);
    for (const name of ['prod', 'stage', 'dev'] as const)
      expect(await openedWith(name, files[`clusters/${name}/shop/db.yaml`] ?? '')).toEqual({
        USER: 'ann',
        PASSWORD: 'hunter2',
      });
  });
  it('goes by output of the settings file and the clusters of --for, and lists the files', async () => {
    const files = { '.kubeseal.yaml': `${SETTINGS}output: "{cluster}/{name}.json"\n` };
    const { code, stdout } = await run(['shop/db', '--for', 'dev,prod', '--json'], { files });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'dev/db.json',
      files: [
        { file: 'dev/db.json', namespace: 'shop' },
        { file: 'prod/db.json', namespace: 'shop' },
      ],
    });
  });
  it('writes nothing where one cluster has the file already, and reads no source', async () => {
    const { code, stderr, files } = await run(['shop/db', '--all', ...PATTERN], {
      files: { 'clusters/dev/shop/db.yaml': 'mine\n' },
    });
    expect({ code, made: files['clusters/prod/shop/db.yaml'] }).toEqual({ code: 1, made: undefined });
    expect(stderr).toBe(
      'error: clusters/dev/shop/db.yaml exists already\nhint: delete it first, or name another file\n',
    );
  });
  it('needs the namespace where the names of the files do', async () => {
    const { code, stderr } = await run(['db', '--all', ...PATTERN]);
    expect({ code, error: stderr.split('\n').find((line) => line.startsWith('error')) }).toEqual({
      code: 1,
      error: 'error: the namespace of db is missing',
    });
  });
  it.each([
    [['--all', '--for', 'dev'], 'import: --all and --for exclude each other'],
    [['--all', '-w', 'db.yaml'], 'import: -w lacks {cluster}, so that all clusters would share one file'],
    [PATTERN, 'import: -w has {cluster}, but no cluster is named'],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await run(['shop/db', ...argv]);
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: ${message}` });
  });
});
