import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../../../test/support/time/eventually.ts';
import { CERT } from '../../testing/keys.ts';
import { ended, inPlace, type Place, type Ran } from '../../testing/kubeseal-process.ts';
import { KEYS, sealedYaml, WITH_KEY } from '../../testing/opened.ts';
import { runCli } from '../../testing/run-cli.ts';

const DB = `# mine\n${await sealedYaml({ password: 'hunter2', user: 'ann', host: 'db.test' })}`;
const FILES = { ...KEYS, cert: CERT, 'db.yaml': DB };
const CERTIFICATE = ['--cert', 'cert'];
const isMissing = spawnSync('script', ['--version']).error !== undefined;

/** Runs `kubeseal edit db.yaml` with a shell script as the editor; `$1` is the file in it. */
async function edit(
  script: string,
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<Pick<Ran, 'code' | 'stdout' | 'stderr'> & { readonly file: string; readonly buffer: string }> {
  let result = { code: 0 as number | null, stdout: '', stderr: '', file: '', buffer: '' };
  const sources = { ...FILES, 'editor.sh': `#!/bin/sh\ncp "$1" buffer\n${script}\n`, ...files };
  await inPlace(sources, async ({ run, path, env }) => {
    const command = ['kubeseal', 'edit', 'db.yaml', ...CERTIFICATE, ...args] as const;
    const ran = await run(command, { env: { EDITOR: './editor.sh', BEFORE: env.PATH } });
    const buffer = await readFile(path('buffer'), 'utf8').catch(() => '');
    result = {
      code: ran.code,
      stdout: ran.stdout,
      stderr: ran.stderr,
      file: await readFile(path('db.yaml'), 'utf8'),
      buffer,
    };
  });
  return result;
}

/** The items of a file, opened. */
async function opened(text: string): Promise<string> {
  const argv = ['unseal', '-', '-o', 'dotenv', '--quiet', ...WITH_KEY];
  const { code, stdout, stderr } = await runCli({ argv, files: KEYS, stdin: text });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}
/** The lines of a file that an edit changed. */
const changed = (text: string) => text.split('\n').filter((line) => !DB.split('\n').includes(line));

describe('kubeseal edit without keys', () => {
  it('shows names, and seals only what was written', async () => {
    const { code, file, buffer, stderr } = await edit(
      'sed -i "s/^user: .*/user: bob/" "$1"; echo "new: x" >> "$1"',
    );
    expect(buffer).toMatch(/\n\nhost: <sealed>\npassword: <sealed>\nuser: <sealed>\n$/);
    expect({ code, says: stderr.split('\n').slice(-2) }).toEqual({
      code: 0,
      says: ['note: db.yaml: changed user, added new (shop/db)', ''],
    });
    expect(changed(file)).toEqual([
      expect.stringMatching(/^ {4}user: Ag/),
      expect.stringMatching(/^ {4}new: Ag/),
    ]);
    expect(await opened(file)).toBe('host=db.test\npassword=hunter2\nuser=bob\nnew=x\n');
  });
  it('seals an item of any name that Kubernetes takes', async () => {
    const { code, file } = await edit('echo "\\"__proto__\\": x" >> "$1"');
    expect({ code, changed: changed(file) }).toEqual({
      code: 0,
      changed: [expect.stringMatching(/^ {4}"?__proto__"?: Ag/)],
    });
  });
  it('removes and renames without a new sealed value', async () => {
    const { code, file, stderr } = await edit(
      'sed -i -e /^host/d -e s/^user/login/ -e "s/^password: .*/password: x/" "$1"',
    );
    expect(code).toBe(1);
    expect(stderr).toContain(
      'error: db.yaml: login has no value: <sealed> stands for a value that is there already',
    );
    expect(file).toBe(DB);
    const renamed = await edit('sed -i s/^user/login/ "$1"');
    expect(changed(renamed.file)).toEqual([(/^ {4}user: .*$/m.exec(DB)?.[0] ?? '').replace('user', 'login')]);
    const removed = await edit('sed -i /^host/d "$1"');
    expect(removed.file).toBe(DB.replace(/ {4}host: .*\n/, ''));
    expect(removed.stderr).toContain('note: db.yaml: removed host (shop/db)');
  });
});

describe('kubeseal edit with keys', () => {
  it('shows the values, and keeps the sealed values of those that stay', async () => {
    const { code, file, buffer } = await edit('sed -i s/hunter2/hunter3/ "$1"', WITH_KEY);
    expect(buffer).toMatch(/\n\nhost: db\.test\npassword: hunter2\nuser: ann\n$/);
    expect({ code, changed: changed(file) }).toEqual({
      code: 0,
      changed: [expect.stringMatching(/^ {4}password: Ag/)],
    });
    expect(await opened(file)).toBe('host=db.test\npassword=hunter3\nuser=ann\n');
  });
  it('keeps the sealed value of an item that is renamed', async () => {
    const { file, stderr } = await edit('sed -i s/^user/login/ "$1"', WITH_KEY);
    expect(stderr).toContain('note: db.yaml: renamed user to login (shop/db)');
    expect(changed(file)).toEqual([(/^ {4}user: .*$/m.exec(DB)?.[0] ?? '').replace('user', 'login')]);
  });
  it('hides what stays closed, says why, and keeps it', async () => {
    const db = DB.replace(/ {4}user: .*/, '    user: AgBY');
    const { code, file, buffer } = await edit('sed -i s/hunter2/x/ "$1"', WITH_KEY, { 'db.yaml': db });
    expect(buffer).toContain('# it is damaged:\nuser: <sealed>\n');
    expect(code).toBe(0);
    expect(file).toContain('    user: AgBY\n');
  });
  it('prints the change and writes nothing with --dry-run, and JSON with --json', async () => {
    const dry = await edit('sed -i s/hunter2/hunter3/ "$1"', [...WITH_KEY, '--dry-run']);
    expect(dry.file).toBe(DB);
    expect(dry.stdout).toMatch(/^-\s+password: Ag[^\n]+\n\+\s+password: Ag/m);
    const json = await edit('sed -i s/hunter2/hunter3/ "$1"', [...WITH_KEY, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      sealedSecrets: [{ name: 'db', items: [{ item: 'password', change: 'changed' }] }],
    });
    expect(`${json.stdout}${json.stderr}${dry.stdout}${dry.stderr}`).not.toContain('hunter');
  });
});

describe('the editor', () => {
  it('edits a private file in a private directory, which is gone afterwards', async () => {
    const shown =
      'stat -c %a "$1" "$(dirname "$1")" > modes; echo "$TMPDIR" >> modes; touch "$(dirname "$1")/.swap"';
    await inPlace(
      { ...FILES, 'editor.sh': `#!/bin/sh\n${shown}\necho "$1" >> modes` },
      async ({ run, path }) => {
        await run(['kubeseal', 'edit', 'db.yaml', ...CERTIFICATE, ...WITH_KEY], {
          env: { EDITOR: './editor.sh' },
        });
        const [file, directory, temporary = '', name] = (await readFile(path('modes'), 'utf8')).split('\n');
        expect({ file, directory, name }).toEqual({
          file: '600',
          directory: '700',
          name: `${temporary}/items.yaml`,
        });
        expect(existsSync(temporary)).toBe(false);
      },
    );
  });
  it('may have arguments, and VISUAL comes before EDITOR', async () => {
    await inPlace(
      { ...FILES, 'editor.sh': '#!/bin/sh\necho "$#$1" > arguments\n' },
      async ({ run, path }) => {
        const env = { VISUAL: './editor.sh --wait', EDITOR: 'false' };
        expect((await run(['kubeseal', 'edit', 'db.yaml', ...CERTIFICATE], { env })).code).toBe(0);
        expect(await readFile(path('arguments'), 'utf8')).toBe('2--wait\n');
      },
    );
  });
  it.each([
    [
      'fails',
      'echo "new: x" >> "$1"; exit 3',
      1,
      'error: db.yaml: the editor ended with exit code 3; nothing was changed',
    ],
    [
      'is killed',
      'kill -KILL $$',
      1,
      'error: db.yaml: the editor ended with exit code 137; nothing was changed',
    ],
    ['changes nothing', 'true', 0, 'note: db.yaml: nothing was changed'],
    ['changes only a comment', 'echo "# x" >> "$1"', 0, 'note: db.yaml: nothing was changed'],
    ['leaves nothing', ': > "$1"', 0, 'note: db.yaml: nothing was changed'],
    [
      'leaves no YAML',
      'echo "a: \\"hunter2" >> "$1"',
      1,
      'error: db.yaml: line 9 is not YAML (MISSING_CHAR)',
    ],
    [
      'leaves a name that Kubernetes refuses',
      'echo "a b: x" >> "$1"',
      1,
      'error: db.yaml: Kubernetes refuses the name "a b" of an item',
    ],
    ['removes the file', 'rm "$1"', 1, 'error: db.yaml: the editor removed its file; nothing was changed'],
    [
      'comes after another change',
      'echo "new: x" >> "$1"; echo "# theirs" >> db.yaml',
      1,
      'error: db.yaml was changed while the editor was open; it stays as it is',
    ],
  ])('writes nothing if it %s', async (what, script, code, message) => {
    const result = await edit(script);
    const theirs = what.startsWith('comes after') ? '# theirs\n' : '';
    expect({ code: result.code, file: result.file }).toEqual({ code, file: `${DB}${theirs}` });
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toContain('hunter2');
  });
  it.each([
    [['-'], {}, 2, 'edit: an editor needs a file, not stdin'],
    [['.'], { EDITOR: 'true' }, 1, 'db.yaml: . is a directory, and an editor needs a file'],
    [['db.yaml'], {}, 1, 'there is no editor'],
    [
      ['db.yaml'],
      { EDITOR: 'no-such-editor-here' },
      1,
      'db.yaml: the editor ended with exit code 127; nothing was changed',
    ],
    [['missing.yaml'], { EDITOR: 'true' }, 1, 'open missing.yaml: no such file or directory'],
    [
      ['db.yaml', ...WITH_KEY, '--from-cluster'],
      {},
      2,
      'edit: --recovery-private-key and --from-cluster exclude each other',
    ],
  ])('refuses %j with %j', async (argv, env, code, message) => {
    const run = await runCli({
      argv: ['edit', ...argv, ...CERTIFICATE],
      files: FILES,
      env: { PATH: '/usr/bin:/bin', ...env },
    });
    expect({ code: run.code, errors: run.stderr.match(/^error: .*$/gm) }).toEqual({
      code,
      errors: [`error: ${message}`],
    });
    expect(run.files['db.yaml']).toBe(DB);
  });

  const WAIT = '#!/bin/sh\nprintf %s "$TMPDIR" > there.tmp; mv there.tmp there; exec sleep 600\n';
  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'ends with kubeseal, and leaves nothing: %s',
    async (signal) => {
      await inPlace({ ...FILES, 'editor.sh': WAIT }, async (place: Place) => {
        const command = ['kubeseal', 'edit', 'db.yaml', ...CERTIFICATE, ...WITH_KEY] as const;
        const child = place.start(command, { stdio: 'pipe', env: { EDITOR: './editor.sh' } });
        const end = ended(child);
        const directory = await eventually('the editor', async () =>
          existsSync(place.path('there')) ? readFile(place.path('there'), 'utf8') : undefined,
        );
        expect(existsSync(directory)).toBe(true);
        child.kill(signal);
        const { code, stderr } = await end;
        expect({ code, isThere: existsSync(directory) }).toEqual({ code: 1, isThere: false });
        expect(stderr).toContain(`error: db.yaml: ended by ${signal}; nothing was changed`);
        expect(await readFile(place.path('db.yaml'), 'utf8')).toBe(DB);
      });
    },
  );
  it.skipIf(isMissing)('gets another attempt on a terminal, with the complaint on top', async () => {
    const script =
      '#!/bin/sh\nif [ -e once ]; then cp "$1" second; sed -i "/^b\\"/d" "$1"; echo "c: x" >> "$1"; else touch once; echo "b\\"" >> "$1"; fi\n';
    await inPlace({ ...FILES, 'editor.sh': script }, async ({ start, path }) => {
      const command = `kubeseal edit db.yaml ${CERTIFICATE.join(' ')}`;
      const child = start(['script', '-qec', command, '/dev/null'], {
        stdio: 'pipe',
        env: { EDITOR: './editor.sh' },
      });
      expect((await ended(child)).code).toBe(0);
      expect(await readFile(path('second'), 'utf8')).toMatch(
        /^# Not accepted: line \d+ is not YAML .*\n# Change/,
      );
      expect(await opened(await readFile(path('db.yaml'), 'utf8'))).toContain('c=x\n');
    });
  });
  it.skipIf(isMissing)('ends with the complaint if it is left as it is', async () => {
    const script = '#!/bin/sh\n[ -e once ] || echo "b\\"" >> "$1"; touch once\n';
    await inPlace({ ...FILES, 'editor.sh': script }, async ({ start, path }) => {
      const command = `kubeseal edit db.yaml ${CERTIFICATE.join(' ')}`;
      const child = start(['script', '-qec', command, '/dev/null'], {
        stdio: 'pipe',
        env: { EDITOR: './editor.sh' },
      });
      const { code, stdout } = await ended(child);
      expect(code).toBe(1);
      expect(stdout).toMatch(/error: db\.yaml: line \d+ is not YAML/);
      expect(await readFile(path('db.yaml'), 'utf8')).toBe(DB);
    });
  });
});
