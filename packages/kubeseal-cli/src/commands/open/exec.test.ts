import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../../../test/support/time/eventually.ts';
import { ended, inPlace, type Place } from '../../testing/kubeseal-process.ts';
import { KEYS, sealedYaml, WITH_KEY } from '../../testing/opened.ts';
import { runCli } from '../../testing/run-cli.ts';

const DB = await sealedYaml({ PASSWORD: 'hunter2', USER_NAME: 'ann' });
const FILES = { ...KEYS, 'db.yaml': DB };
const EXEC = ['kubeseal', 'exec', 'db.yaml', ...WITH_KEY] as const;
const isMissing = spawnSync('script', ['--version']).error !== undefined;

/** Runs a test with db.yaml, or with another SealedSecret there. */
const withDb = (test: (place: Place) => Promise<void>, db = DB) => inPlace({ ...FILES, 'db.yaml': db }, test);
/** Waits until a file is there, and reads it. */
const untilThere = (path: string) =>
  eventually(path, async () => (existsSync(path) ? readFile(path, 'utf8') : undefined));

describe('kubeseal exec', () => {
  it('sets variables beside those that are there, and passes streams and exit code on', async () => {
    await withDb(async ({ run }) => {
      const script = 'cat; echo "$PASSWORD $USER_NAME $OTHER"; echo out >&2; exit 7';
      const command = [...EXEC, '--', 'sh', '-c', script] as const;
      const { code, stdout, stderr } = await run(command, { stdin: 'in\n', env: { OTHER: 'kept' } });
      expect({ code, stdout, stderr }).toEqual({
        code: 7,
        stdout: 'in\nhunter2 ann kept\n',
        stderr: 'note: sh gets PASSWORD, USER_NAME from the given private keys\nout\n',
      });
    });
  });
  it('gives the program its arguments as they are, also -- and -', async () => {
    await withDb(async ({ run }) => {
      const { stdout } = await run([
        ...EXEC,
        '--quiet',
        '--',
        'printf',
        '%s,',
        '--',
        '-',
        '-h',
        '--quiet',
        'a b',
      ]);
      expect(stdout).toBe('--,-,-h,--quiet,a b,');
    });
  });
  it('passes on only what --item names, under another name, with a prefix', async () => {
    const db = await sealedYaml({ password: 'hunter2', 'tls.crt': 'x', PATH: '/evil' });
    await withDb(async ({ run }) => {
      const named = [...EXEC, '--item', 'PGPASSWORD=password', '--item', 'A=tls.crt'] as const;
      const shown = await run([...named, '--', 'sh', '-c', 'echo "$PGPASSWORD $A"']);
      expect(shown.stdout).toBe('hunter2 x\n');
      const prefixed = [...EXEC, '--prefix', 'APP_', '--item', 'PATH', '--', 'sh', '-c'] as const;
      expect((await run([...prefixed, 'echo "$APP_PATH"'])).stdout).toBe('/evil\n');
    }, db);
  });
  it.each([
    ['a variable that is set already', { KEPT: 'x' }, 'the files would set KEPT'],
    ['the search path', { PATH: '/evil' }, 'the files would set PATH'],
    ['a library to load', { LD_PRELOAD: '/evil.so' }, 'the files would set LD_PRELOAD'],
    ['code for Node', { NODE_OPTIONS: '--require /evil.js' }, 'the files would set NODE_OPTIONS'],
    ['code for bash', { BASH_ENV: '/evil' }, 'the files would set BASH_ENV'],
    ['a directory of start-up files', { ZDOTDIR: '/evil' }, 'the files would set ZDOTDIR'],
    ['a file for TLS keys', { SSLKEYLOGFILE: '/tmp/x' }, 'the files would set SSLKEYLOGFILE'],
    ['flags of a build', { MAKEFLAGS: '--eval=x' }, 'the files would set MAKEFLAGS'],
    [
      'another address of AWS',
      { AWS_ENDPOINT_URL_S3: 'http://evil' },
      'the files would set AWS_ENDPOINT_URL_S3',
    ],
    ['a configuration with programs', { AWS_CONFIG_FILE: '/evil' }, 'the files would set AWS_CONFIG_FILE'],
    ['a proxy', { https_proxy: 'http://evil' }, 'the files would set https_proxy'],
    ['a command for Git', { GIT_SSH_COMMAND: 'evil' }, 'the files would set GIT_SSH_COMMAND'],
    ['a name that no variable has', { 'a.b': 'x' }, 'no variable can have the name a.b'],
    ['a function for bash', { 'BASH_FUNC_ls%%': 'x' }, 'no variable can have the name "BASH_FUNC_ls%%"'],
    ['a value with a NUL', { A: 'hunter2\0' }, 'no variable can hold the item A'],
    ['a value that is too long', { A: 'x'.repeat(131_072) }, 'no variable can hold the item A'],
    ['bytes that are no text', { A: Uint8Array.of(0xff) }, 'the item A is not text in UTF-8'],
  ])('runs nothing where a file has %s', async (_what, items, message) => {
    const files = { ...FILES, 'db.yaml': await sealedYaml(items) };
    const argv = [...EXEC.slice(1), '--', 'touch', 'ran'];
    const { code, stderr, files: after } = await runCli({ argv, files, env: { KEPT: 'old', PATH: '/bin' } });
    expect({ code, error: stderr.split('\n')[0], ran: after['ran'] }).toEqual({
      code: 1,
      error: expect.stringContaining(`error: ${message}`),
    });
    expect(stderr).not.toContain('hunter2');
  });
  it('says why a program cannot be started, without arguments and values', async () => {
    await withDb(async ({ run }) => {
      const { code, stderr } = await run([...EXEC, '--quiet', '--', 'no-such-program', 'argument']);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'error: cannot run no-such-program: there is no such program\n',
      });
    });
  });
  it('runs nothing where an item stays closed, or in a pipeline that is not allowed to', async () => {
    await withDb(async ({ run, path }) => {
      const closed = [...EXEC.slice(1, 3), '--recovery-private-key', 'other.pem', '--', 'touch', 'ran'];
      const { code, stderr } = await run(['kubeseal', ...closed]);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'error: document 1 of db.yaml stays closed (PASSWORD, USER_NAME: no given key opens it)\n',
      });
      expect((await run([...EXEC, '--', 'touch', 'ran'], { env: { CI: '1' } })).code).toBe(1);
      expect(existsSync(path('ran'))).toBe(false);
      expect((await run([...EXEC, '--allow-ci', '--', 'touch', 'ran'], { env: { CI: '1' } })).code).toBe(0);
    });
  });
  it.each([
    [['exec', 'f', ...WITH_KEY], 'exec: no program is given'],
    [['exec', 'f', ...WITH_KEY, '--'], 'exec: no program is given'],
    [['exec', ...WITH_KEY, '--', 'env'], 'exec: no file is given'],
    [['exec', 'f', '--', 'env'], 'exec: nothing is given that opens the values'],
    [
      ['exec', 'f', ...WITH_KEY, '--prefix', '1', '--', 'env'],
      'exec: --prefix cannot begin the name of a variable',
    ],
    [
      ['exec', 'f', ...WITH_KEY, '--item', 'a.b', '--', 'env'],
      'exec: --item cannot pass on a.b under the name a.b',
    ],
    [['exec', 'f', ...WITH_KEY, '--item', 'a', '--item', 'a=b', '--', 'env'], 'exec: --item gives a twice'],
    [
      ['exec', 'f', ...WITH_KEY, '--files', '--prefix', 'A', '--', 'env'],
      'exec: --prefix is for variables, not for --files',
    ],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await runCli({ argv, files: FILES });
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: ${message}` });
  });
});

describe('kubeseal exec --files', () => {
  const FILES_OF = 'cd "$CREDENTIALS_DIRECTORY" && echo "$PWD" && stat -c "%a %n" . * && cat key';
  it('writes private files into a private directory, and removes both', async () => {
    const db = await sealedYaml({ key: 'one\ntwo', 'tls.crt': Uint8Array.of(0xff, 0) });
    await withDb(async ({ run }) => {
      const { code, stdout } = await run([...EXEC, '--files', '--', 'sh', '-c', FILES_OF]);
      const [directory = '', ...shown] = stdout.split('\n');
      expect({ code, shown }).toEqual({ code: 0, shown: ['700 .', '600 key', '600 tls.crt', 'one', 'two'] });
      expect(directory).toMatch(/\/kubeseal-\d+-\d+-\w+$/);
      expect(existsSync(directory)).toBe(false);
    }, db);
  });
  it.each(['../up', '..', '.', 'a/b', '/etc/evil', ''])('refuses the name of a file %j', async (item) => {
    const db = (await sealedYaml({ x: 'y' })).replace('    x:', `    ${JSON.stringify(item)}:`);
    const argv = [...EXEC.slice(1), '--files', '--', 'touch', 'ran'];
    const { code, stderr, files } = await runCli({ argv, files: { ...FILES, 'db.yaml': db } });
    expect({ code, error: stderr.split('\n')[0], ran: files['ran'] }).toEqual({
      code: 1,
      error: expect.stringContaining('error: no file can have the name'),
    });
  });
  it.each([
    ['the program is killed', 'kill -KILL $$', 137],
    ['the program fails', 'exit 3', 3],
    ['the program takes its files away', 'rm -r "$CREDENTIALS_DIRECTORY"', 0],
  ])('leaves nothing behind if %s', async (_what, end, expected) => {
    await withDb(async ({ run }) => {
      const script = `echo "$CREDENTIALS_DIRECTORY"; ${end}`;
      const { code, stdout } = await run([...EXEC, '--files', '--', 'sh', '-c', script]);
      expect({ code, isThere: existsSync(stdout.trim()) }).toEqual({ code: expected, isThere: false });
    });
  });
  it('removes, before its own, what a process left behind that was killed', async () => {
    await withDb(async ({ start, run, path }) => {
      const wait = 'echo "$CREDENTIALS_DIRECTORY" > there.tmp; mv there.tmp there; read -r _';
      const child = start([...EXEC, '--files', '--', 'sh', '-c', wait], { stdio: ['pipe', 'pipe', 'pipe'] });
      const left = (await untilThere(path('there'))).trim();
      const end = ended(child);
      child.kill('SIGKILL');
      child.stdin?.end();
      await end;
      expect(existsSync(left)).toBe(true);
      expect((await run([...EXEC, '--files', '--', 'true'])).code).toBe(0);
      expect(existsSync(left)).toBe(false);
    });
  });
  it('leaves directories of others and of running processes alone', async () => {
    await withDb(async ({ run, start, path }) => {
      const wait =
        'echo "$CREDENTIALS_DIRECTORY" > there.tmp; mv there.tmp there; read -r _; ls "$CREDENTIALS_DIRECTORY"';
      const child = start([...EXEC, '--files', '--', 'sh', '-c', wait], { stdio: ['pipe', 'pipe', 'pipe'] });
      await untilThere(path('there'));
      expect((await run([...EXEC, '--files', '--', 'true'])).code).toBe(0);
      child.stdin?.end('\n');
      expect((await ended(child)).stdout).toBe('PASSWORD\nUSER_NAME\n');
    });
  });
  it('warns where nothing is in memory', async () => {
    await withDb(async ({ run, path }) => {
      await mkdir(path('disk'));
      const { stderr } = await run([...EXEC, '--files', '--', 'true'], {
        env: { XDG_RUNTIME_DIR: path('disk') },
      });
      const isMemory = existsSync('/dev/shm');
      expect(stderr.includes('warning: there is no file system in memory here')).toBe(!isMemory);
      expect(await readdir(path('disk'))).toEqual([]);
    });
  });
});

describe('the signals of kubeseal exec', () => {
  const PROGRAM = `
    const { writeFileSync } = require('node:fs');
    let count = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'])
      process.on(signal, () => { count += 1; writeFileSync('seen', signal + count); });
    process.stdin.on('data', (text) => { if (String(text).includes('q')) process.exit(count + 10); });
    writeFileSync('ready', process.env.CREDENTIALS_DIRECTORY ?? '');
  `;
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)(
    'reach the program, which decides: %s',
    async (signal) => {
      await withDb(async ({ start, path }) => {
        const command = [...EXEC, '--', process.execPath, '-e', PROGRAM] as const;
        const child = start(command, { stdio: ['pipe', 'pipe', 'pipe'] });
        await untilThere(path('ready'));
        child.kill(signal);
        expect(await untilThere(path('seen'))).toBe(`${signal}1`);
        child.stdin?.write('q\n');
        expect((await ended(child)).code).toBe(11);
      });
    },
  );
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('end both with nothing left behind: %s', async (signal, expected) => {
    await withDb(async ({ start, path }) => {
      const wait = 'echo "$CREDENTIALS_DIRECTORY" > there.tmp; mv there.tmp there; exec sleep 600';
      const child = start([...EXEC, '--files', '--', 'sh', '-c', wait], { stdio: 'pipe' });
      const directory = (await untilThere(path('there'))).trim();
      expect(existsSync(directory)).toBe(true);
      const end = ended(child);
      child.kill(signal);
      expect((await end).code).toBe(expected);
      expect(existsSync(directory)).toBe(false);
    });
  });
  it.skipIf(isMissing)('of a terminal reach the program once', async () => {
    await withDb(async ({ start, path, directory }) => {
      const command = `exec kubeseal exec db.yaml ${WITH_KEY.join(' ')} -- '${process.execPath}' program.cjs`;
      await writeFile(path('program.cjs'), PROGRAM);
      const child = start(['script', '-qec', command, '/dev/null'], { cwd: directory, stdio: 'pipe' });
      await untilThere(path('ready'));
      child.stdin?.write('\x03');
      expect(await untilThere(path('seen'))).toBe('SIGINT1');
      child.stdin?.write('q\n');
      expect((await ended(child)).code).toBe(11);
    });
  });
});
