import { beforeAll, describe, expect, it } from 'vitest';
import { makeRepository, type Repository } from '../../../../../test/support/repository/repository.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const KEYS = ['--recovery-private-key', 'keys/dev.pem'];
let repository: Repository;
beforeAll(async () => {
  repository = await makeRepository({ count: 60 });
});

const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ files: repository.files, ...more, argv: ['validate', ...argv] });

describe('kubeseal validate with keys', () => {
  it('says that every SealedSecret of a cluster opens', async () => {
    const { code, stdout, stderr, files } = await run([...KEYS, 'clusters/dev']);
    expect({ code, stdout, files }).toEqual({ code: 0, stdout: '', files: repository.files });
    expect(stderr).toBe('note: the given private keys: 20 of 20 SealedSecrets can be opened\n');
  });

  it('names each that does not open, with what the file shows, and ends with exit code 3', async () => {
    const [moved, ...others] = repository.objects.filter(
      ({ cluster, scope }) => cluster === 'dev' && scope === 'strict',
    );
    const { file, name, namespace } = moved ?? expect.fail();
    const text = repository.files[file] ?? '';
    const files = {
      ...repository.files,
      [file]: text
        .replace(`  name: ${name}`, '  name: renamed')
        .replace(`"name": "${name}"`, '"name": "renamed"'),
    };
    const { code, stderr } = await run([...KEYS, 'clusters/dev', '--quiet'], { files });
    expect(code).toBe(3);
    expect(others.length).toBeGreaterThan(5);
    expect(stderr).toMatch(
      new RegExp(
        `^error: document \\d of ${file} \\(${namespace}/renamed\\): \\S+: no given key opens it.*; (its template says that it was sealed for name ${name}|was it sealed for this cluster).*\\n$`,
      ),
    );
  });

  it('stops at the first that does not open, on request', async () => {
    const all = await run([...KEYS, '--quiet', 'clusters/stage']);
    expect(all.stderr.match(/^error: /gm)).toHaveLength(20);
    const first = await run([...KEYS, '--quiet', '--fail-fast', 'clusters/stage']);
    expect({ code: first.code, errors: first.stderr.match(/^error: /gm) }).toEqual({
      code: 3,
      errors: ['error: '],
    });
  });

  it('tells programs about every SealedSecret, and about what it could not read', async () => {
    const files = { ...repository.files, 'clusters/dev/web/broken.yaml': 'kind: SealedSecret\nbroken: [\n' };
    const { code, stdout, stderr } = await run([...KEYS, '--json', 'clusters/dev', 'clusters/prod'], {
      files,
    });
    expect(code).toBe(3);
    const document = JSON.parse(stdout);
    expect(document.schemaVersion).toBe(1);
    expect(document.errors).toEqual([{ file: 'clusters/dev/web/broken.yaml', message: expect.any(String) }]);
    const opens = (cluster: string) =>
      document.sealedSecrets
        .filter(({ file }: { file: string }) => file.startsWith(`clusters/${cluster}/`))
        .map((each: { opens: boolean }) => each.opens);
    expect([opens('dev'), opens('prod')]).toEqual([Array(20).fill(true), Array(20).fill(false)]);
    expect(document.sealedSecrets.at(-1)).toEqual({
      file: expect.any(String),
      namespace: expect.any(String),
      name: expect.any(String),
      opens: false,
      reason: expect.stringContaining('no given key opens it'),
    });
    expect(stderr).toContain('clusters/dev/web/broken.yaml');
  });

  it('reads stdin', async () => {
    const file = repository.objects.find(({ cluster }) => cluster === 'dev')?.file ?? '';
    const { code, stderr } = await run([...KEYS, '-'], { stdin: repository.files[file] ?? '' });
    expect({ code, stderr: stderr.replaceAll(/\d/g, '1') }).toEqual({
      code: 0,
      stderr: 'note: the given private keys: 1 of 1 SealedSecrets can be opened\n',
    });
  });

  it.each([
    [['nope'], 'error: open nope: no such file or directory\n'],
    [['.gitignore'], 'error: .gitignore holds no SealedSecret\n'],
  ])('ends with exit code 1 and one line for %s', async (paths, stderr) => {
    expect(await run([...KEYS, '--quiet', ...paths])).toMatchObject({ code: 1, stderr });
  });

  it('needs a path', async () => {
    expect((await run(KEYS)).code).toBe(2);
  });
});
