import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SealedFile } from '../../input/sealed-files.ts';
import { processIo } from '../../io/io.ts';
import { CERT } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { changeTree, type Target } from './change-tree.ts';

const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ ...more, argv, files: { c: CERT, ...more.files } });
const sealed = async (place: string) =>
  (await run(['create', place, '--no-note', 'a=old', '--cert', 'c', '-oyaml'])).stdout;
/** The lines of stderr that say what was done. */
const changes = (stderr: string) => stderr.match(/^(?:note: .*(?:\(|changed).*|error: .*)$/gm);

describe('the commands that change files', () => {
  it('find the SealedSecrets of a name below a directory, and leave other files alone', async () => {
    const files = {
      'd/.gitignore': 'ignored\n',
      'd/one/db.yaml': `# mine\r\n${(await sealed('shop/db')).replaceAll('\n', '\r\n')}`,
      'd/two/all.yaml': `${await sealed('shop/web')}${await sealed('lab/db')}`,
      'd/pod.yaml': 'kind: Pod\nmetadata: {name: db}\n',
      'd/chart.yaml': 'kind: {{ .Values.kind }}\n',
      'd/ignored/db.yaml': 'kind: SealedSecret\nbroken: [\n',
    };
    const result = await run(['unset', 'd', 'a', '--name', 'db'], { files });
    expect(changes(result.stderr)).toEqual([
      'note: d/one/db.yaml: removed a, the last item (shop/db)',
      'note: d/two/all.yaml: removed a, the last item (lab/db)',
      'note: 2 of 2 SealedSecrets changed',
    ]);
    const { 'd/one/db.yaml': one = '', 'd/two/all.yaml': two = '', ...others } = result.files;
    expect(one).toBe(files['d/one/db.yaml'].replace(/\r\n {4}a: .*\r\n/, ' {}\r\n'));
    expect(two.split(/^---$/m)[1]).toBe(files['d/two/all.yaml'].split(/^---$/m)[1]);
    const { 'd/one/db.yaml': _one, 'd/two/all.yaml': _two, ...unchanged } = files;
    expect(others).toEqual({ ...unchanged, c: CERT });
  });
  it('refuse a directory without the name of a SealedSecret', async () => {
    const files = { 'd/db.yaml': await sealed('shop/db') };
    const { code, stderr } = await run(['unset', 'd', 'a'], { files });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error: d/db.yaml: a directory needs --name\nhint: it says which SealedSecrets are meant\n',
    });
  });
  it('go on after a file that cannot be changed, or stop there on request', async () => {
    const files = { a: await sealed('shop/a'), b: 'kind: Pod\n', c1: await sealed('shop/c') };
    const argv = ['rename', 'a', 'b', 'c1', 'a', 'z'];
    const all = await run(argv, { files });
    expect({ code: all.code, changes: changes(all.stderr) }).toEqual({
      code: 1,
      changes: [
        'note: a: renamed a to z (shop/a)',
        'note: c1: renamed a to z (shop/c)',
        'note: 2 of 2 SealedSecrets changed',
        'error: b: kind is "Pod", not SealedSecret',
      ],
    });
    const first = await run([...argv, '--fail-fast'], { files });
    expect(first.code).toBe(1);
    expect(first.files['c1']).toBe(files.c1);
  });
  it('print a diff and write nothing with --dry-run, which needs neither value nor certificate', async () => {
    const f = await sealed('shop/db');
    const { code, stdout, files } = await runCli({ argv: ['set', 'f', 'b', '--dry-run'], files: { f } });
    expect(code).toBe(0);
    expect(files['f']).toBe(f);
    expect(stdout).toMatch(
      /^--- a\/f\n\+\+\+ b\/f\n@@ [^\n]+ @@\n(?: [^\n]*\n)+\+ {4}b: <sealed>\n(?: [^\n]*\n)+$/,
    );
  });
  it('print one JSON document with --json, about every SealedSecret and every file that failed', async () => {
    const files = { f: await sealed('shop/db'), g: 'kind: Pod\n' };
    const { code, stdout } = await run(['rename', 'f', 'g', 'a', 'b', '--json'], { files });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      dryRun: false,
      sealedSecrets: [
        {
          file: 'f',
          namespace: 'shop',
          name: 'db',
          changed: true,
          items: [{ item: 'b', change: 'renamed', from: 'a' }],
        },
      ],
      errors: [{ file: 'g', message: 'kind is "Pod", not SealedSecret' }],
    });
  });
  it('read stdin and write stdout for -', async () => {
    const stdin = await sealed('shop/db');
    const { code, stdout } = await run(['unset', '-', 'a'], { stdin });
    expect({ code, stdout }).toEqual({ code: 0, stdout: stdin.replace(/\n {4}a: .*\n/, ' {}\n') });
  });
  it.each([
    [['set', '-', 'a'], 'the manifest and the value both come from stdin'],
    [['set', '-', 'a', '--from-file', '-'], 'the manifest and the value both come from stdin'],
    [['unset', '-', 'a', '--json'], '--json and - both need stdout'],
  ])('refuse %j', async (argv, message) => {
    const { code, stderr } = await run([...argv], { stdin: await sealed('shop/db') });
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 1, error: `error: ${message}` });
  });
});

describe('changeTree', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');

  it('keeps no file longer than it works on its batch, however many there are', async () => {
    const [before, after] = [await sealed('shop/db'), await sealed('shop/db')];
    const [, fresh = ''] = /^ {4}a: (\S+)$/m.exec(after) ?? expect.fail();
    const cwd = await mkdtemp(join(tmpdir(), 'change-tree-'));
    onTestFinished(() => rm(cwd, { recursive: true }));
    const names = Array.from({ length: 60 }, (_, at) => `${at}.yaml`);
    for (const name of names) await writeFile(join(cwd, name), before);
    const seen: WeakRef<Target>[] = [];
    const counts: number[] = [];
    const change = async (targets: readonly Target[]) => {
      seen.push(...targets.map((target) => new WeakRef(target)));
      await setImmediate(); // until then, a WeakRef keeps what it refers to
      collectGarbage();
      counts.push(seen.filter((target) => target.deref() !== undefined).length);
      return targets.map(() => ({ set: { a: fresh }, items: [], says: 'changed a' }));
    };
    const work = {
      paths: ['.'],
      doing: 'changing',
      batch: 2,
      batchesAtOnce: 3,
      choose: (file: SealedFile) => file.sealed,
      change,
    };
    const flags = { 'dry-run': false, json: false, 'fail-fast': false, sign: '' };
    const tally = await changeTree(work, flags, { io: { ...processIo(), cwd }, warn: () => undefined });
    expect(tally).toEqual({ total: 60, changed: 60 });
    for (const name of names) expect(await readFile(join(cwd, name), 'utf8')).toBe(after);
    expect(counts).toHaveLength(30);
    expect(Math.max(...counts)).toBeLessThanOrEqual(2 * (3 + 1)); // a batch is read, three are worked on
  });
});
