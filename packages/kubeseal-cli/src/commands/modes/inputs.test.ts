import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { CERT, KEY, vector } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const SEALED = vector('kubeseal/out-tls.yaml');
const MOVED = SEALED.replace('name: tls', 'name: moved');
const SECRET = 'metadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const OFFLINE = ['--re-encrypt', '--cert', 'c', '--recovery-private-key', 'k'];

let world: ClusterWorld;
beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

describe("the files of a shell's *.yaml", () => {
  const files = { 'a.yaml': SEALED, 'b.yaml': MOVED, c: CERT, k: KEY };
  it.each([
    ['behind -f', ['-f', 'a.yaml', 'b.yaml']],
    ['without -f', ['a.yaml', 'b.yaml']],
    ['each with its -f', ['-f', 'a.yaml', '-f', 'b.yaml']],
    ['behind --', ['--', 'a.yaml', 'b.yaml']],
  ])('are all validated: %s', async (_how, argv) => {
    const { code, stderr } = await world.run(['--validate', ...argv], { files });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: unable to decrypt sealed secret: moved\nhint: in document \d of b\.yaml: /,
    );
    expect(world.controller.seen.filter(({ path }) => path === '/v1/verify')).toHaveLength(2);
  });
  it('are all re-encrypted in place', async () => {
    const given = { ...files, 'b.yaml': `# b\n${SEALED}` };
    const { code, files: after } = await runCli({
      argv: [...OFFLINE, '-f', 'a.yaml', 'b.yaml'],
      files: given,
    });
    expect(code).toBe(0);
    for (const name of ['a.yaml', 'b.yaml'] as const) {
      expect(after[name]).not.toBe(given[name]);
      expect(after[name]?.split('\n').length).toBe(given[name].split('\n').length);
    }
  });
  it('stay as they were when one cannot be opened', async () => {
    const { code, files: after } = await runCli({ argv: [...OFFLINE, 'a.yaml', 'b.yaml'], files });
    expect({ code, after }).toEqual({ code: 1, after: files });
  });
  it('are all opened with a backup of the keys', async () => {
    const given = { ...files, 'b.yaml': SEALED };
    const argv = ['--recovery-unseal', '--recovery-private-key', 'k', '-o', 'yaml', 'a.yaml', 'b.yaml'];
    expect((await runCli({ argv, files: given })).stdout.match(/^kind: Secret$/gm)).toHaveLength(2);
  });
  it('are named when one is missing', async () => {
    expect((await world.run(['--validate', 'a.yaml', 'nope.yaml'], { files })).stderr).toMatch(
      /^error: Could not read file specified with --secret-file: open nope\.yaml: no such file/,
    );
  });
  it('are not read by a mode that seals, where upstream ignores arguments', async () => {
    const run = { argv: ['--cert', 'c', 'a.yaml'], files, stdin: SECRET };
    expect(await runCli(run)).toMatchObject({ code: 0, stderr: '' });
    expect((await runCli({ ...run, tty: { stderr: true } })).stderr).toMatch(
      /^warning: arguments were ignored: .*-f a\.yaml\?\n/m,
    );
  });
});

describe('a dash', () => {
  const files = { c: CERT, k: KEY };
  it('is stdin for -f and stdout for -w', async () => {
    const result = await runCli({
      argv: ['--cert', 'c', '-f', '-', '-w', '-', '-oyaml'],
      files,
      stdin: SECRET,
    });
    expect(result).toMatchObject({ code: 0, files });
    expect(result.stdout).toContain('kind: SealedSecret');
  });
  it.each(['-', 'password=-'])('is stdin for --from-file=%s', async (name) => {
    const argv = ['--cert', 'c', '--raw', '--scope=cluster-wide', `--from-file=${name}`, '-w', '-'];
    const result = await runCli({ argv, files, stdin: 'hunter2' });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^A[gQ]/), files });
  });
  it('sends what is re-encrypted to stdout', async () => {
    const result = await runCli({ argv: [...OFFLINE, '-f', '-', '-oyaml'], files, stdin: SEALED });
    expect(result).toMatchObject({ code: 0, files });
    expect(result.stdout).toContain('kind: SealedSecret');
  });
});
