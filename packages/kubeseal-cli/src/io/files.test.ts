import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { atomicWrite, checkWritable } from '../output/atomic-write.ts';
import { readInput } from './files.ts';

const newDirectory = () => mkdtemp(join(tmpdir(), 'kubeseal-files-'));

describe('atomicWrite', () => {
  it('makes a new file that only its owner may read', async () => {
    const directory = await newDirectory();
    await atomicWrite(directory, 'new', 'text');
    expect(await readFile(join(directory, 'new'), 'utf8')).toBe('text');
    expect((await stat(join(directory, 'new'))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['new']);
  });
  it('keeps the mode of an existing file', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'file'), 'old');
    await chmod(join(directory, 'file'), 0o640);
    await atomicWrite(directory, 'file', 'new');
    expect((await stat(join(directory, 'file'))).mode & 0o777).toBe(0o640);
  });
  it.each(['target', 'missing'])('follows a symbolic link to a file (%s)', async (target) => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'target'), 'old');
    await symlink(target, join(directory, 'link'));
    await atomicWrite(directory, 'link', 'new');
    expect(await readlink(join(directory, 'link'))).toBe(target);
    expect(await readFile(join(directory, target), 'utf8')).toBe('new');
  });
  it('writes to devices and pipes directly', async () => {
    const directory = await newDirectory();
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    const reading = readFile(join(directory, 'pipe'), 'utf8');
    await atomicWrite(directory, 'pipe', 'text');
    expect(await reading).toBe('text');
    expect((await stat(join(directory, 'pipe'))).isFIFO()).toBe(true);
    await atomicWrite(directory, '/dev/null', 'text');
  });
  it('leaves no temporary file when it fails', async () => {
    const directory = await newDirectory();
    await expect(atomicWrite(directory, 'no/file', 'text')).rejects.toMatchObject({
      message: 'open no/file: no such file or directory',
    });
    expect(await readdir(directory)).toEqual([]);
  });
  it('leaves the old file or the new one when it is killed', async () => {
    const directory = await newDirectory();
    const file = join(directory, 'file');
    await writeFile(file, 'a'.repeat(1 << 20));
    const script = `import { atomicWrite } from ${JSON.stringify(new URL('../output/atomic-write.ts', import.meta.url).href)};
      for (let at = 0; ; at++) await atomicWrite('/', ${JSON.stringify(file)}, 'ab'[at % 2].repeat(1 << 20));`;
    for (let kills = 0; kills < 8; kills++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
      await sleep(120 + kills * 23);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      expect(await readFile(file, 'utf8')).toMatch(/^(a{1048576}|b{1048576})$/);
    }
  });
});

/** Mounts need root, or namespaces of users. */
const cannotMount = spawnSync('unshare', ['-rm', 'true']).status !== 0;

describe.skipIf(cannotMount)(
  `a file that cannot be replaced${cannotMount ? ' (SKIPPED: no mounts here)' : ''}`,
  () => {
    const module = JSON.stringify(new URL('../output/atomic-write.ts', import.meta.url).href);
    /** Runs a script in a new directory where `host` is bound over `file`, and writes to that. */
    async function writeOver(mounts: string, content: string) {
      const directory = await newDirectory();
      await writeFile(join(directory, 'host'), 'a longer old content');
      await writeFile(join(directory, 'file'), '');
      const script = `import { atomicWrite } from ${module};
        await atomicWrite('.', 'file', ${JSON.stringify(content)}).catch((error) => console.log(error.message));`;
      const command = `${mounts} && "$0" --input-type=module -e "$1"`;
      const argv = ['-rm', 'sh', '-c', command, process.execPath, script];
      const stdout = execFileSync('unshare', argv, { cwd: directory, encoding: 'utf8' });
      const host = await readFile(join(directory, 'host'), 'utf8');
      return { stdout, host, names: (await readdir(directory)).sort() };
    }
    it.each([
      ['a mount of its own', 'mount --bind host file'],
      [
        'in a directory that is read-only',
        'mount --bind . . && mount --bind host file && mount -o remount,bind,ro . && cd "$PWD"',
      ],
    ])('is written over: %s', async (_what, mounts) => {
      for (const content of ['new', 'a new content that is longer than the old one']) {
        expect(await writeOver(mounts, content)).toEqual({
          stdout: '',
          host: content,
          names: ['file', 'host'],
        });
      }
    });
    it('keeps its content where the disk is full', async () => {
      const mounts =
        'mkdir d && mount -t tmpfs -o size=64k none d && cp host d/host && mount --bind d/host file';
      const { stdout } = await writeOver(`${mounts} && trap "cat d/host" EXIT`, 'x'.repeat(100_000));
      expect(stdout).toBe('open file: no space left on device\na longer old content');
    });
    it('is named with the cause where it cannot be written at all', async () => {
      const mounts = 'mount --bind host file && mount -o remount,bind,ro file';
      expect(await writeOver(mounts, 'new')).toMatchObject({
        stdout: 'open file: read-only file system\n',
        host: 'a longer old content',
        names: ['file', 'host'],
      });
    });
  },
);

describe('checkWritable', () => {
  it.each([
    ['no/file', 'open no/file: no such file or directory'],
    ['file/below', 'open file/below: not a directory'],
    ['.', 'open .: is a directory'],
    ['link', 'open link: is a directory'],
    ['new/', 'open new/: is a directory'],
  ])('refuses %s', async (name, message) => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'file'), '');
    await symlink('.', join(directory, 'link'));
    await expect(checkWritable(directory, name)).rejects.toMatchObject({ code: 'ERR_USAGE', message });
  });
});

describe('readInput', () => {
  it('says what it cannot open', async () => {
    await expect(readInput('/', 'nope')).rejects.toMatchObject({
      message: 'open nope: no such file or directory',
    });
    await expect(readInput('/', 'tmp')).rejects.toMatchObject({ message: 'open tmp: is a directory' });
  });
  it('reads a pipe, and refuses a device without end', async () => {
    const pipe = join(await newDirectory(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    spawn('sh', ['-c', `head -c 200000 /dev/zero > ${pipe}`]);
    expect(await readInput('/', pipe)).toEqual(Buffer.alloc(200_000));
    const failure = readInput('/', '/dev/zero', 'cert');
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: '/dev/zero has no end within 64 MiB',
      hint: 'this is the file that --cert names',
    });
  });
});
