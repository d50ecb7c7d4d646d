import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logOf } from '../../../audit/src/testing/logs.ts';
import { FileSink } from './file-sink.ts';

let directory: string;
let path: string;
let sink: FileSink;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'audit-'));
  path = join(directory, 'audit.jsonl');
  sink = new FileSink(path);
});
afterEach(async () => {
  await sink.close();
  await rm(directory, { recursive: true });
});
const append = (text: string) => sink.append(Buffer.from(text));

describe('FileSink', () => {
  it('creates a file that only its owner can read, and appends to one that is there', async () => {
    expect(await sink.open()).toEqual({ head: undefined, torn: undefined, lacksLineEnd: false });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { text, head } = logOf();
    expect(await append(text)).toBe(text.length);
    await sink.close();
    expect(await sink.open()).toEqual({ head, torn: undefined, lacksLineEnd: false });
    expect(await readFile(path, 'utf8')).toBe(text);
  });
  it('reads only the end of a large file', async () => {
    const { text, head } = logOf();
    await appendFile(path, `${'x'.repeat(5_000_000)}\n${text}`);
    expect(await sink.open()).toMatchObject({ head });
    await truncate(path, 0);
    await truncate(path, 2 ** 40); // takes no room, and would take all memory
    await appendFile(path, `\n${text}`);
    expect(await sink.open()).toMatchObject({ head });
  });
  it('follows a rotation: renamed, or deleted', async () => {
    await sink.open();
    await append('a\n');
    expect(await sink.change()).toBeUndefined();
    await rename(path, `${path}.1`);
    expect(await sink.change()).toBe('replaced');
    await append('b\n');
    await rm(path);
    expect(await sink.change()).toBe('replaced');
    await append('c\n');
    expect(await readFile(`${path}.1`, 'utf8')).toBe('a\n');
    expect(await readFile(path, 'utf8')).toBe('c\n');
  });
  it('notices that something else wrote into the file, or cut it', async () => {
    await sink.open();
    await append('a\n');
    await appendFile(path, 'b\n');
    expect(await sink.change()).toBe('grown');
    await truncate(path, 0);
    expect(await sink.change()).toBe('truncated');
    expect(await sink.change()).toBeUndefined();
  });
  it('fails while there is no directory, and heals with it', async () => {
    await sink.open();
    await rename(directory, `${directory}-away`);
    await expect(sink.change()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(sink.change()).rejects.toMatchObject({ code: 'ENOENT' });
    await rename(`${directory}-away`, directory);
    expect(await sink.change()).toBe('replaced');
    await append('b\n');
  });
  it('follows no link, and writes into no directory and no pipe', async () => {
    await symlink(join(directory, 'target'), path);
    await expect(sink.open()).rejects.toMatchObject({ code: 'ELOOP' });
    await rm(path);
    await mkdir(path);
    await expect(sink.open()).rejects.toMatchObject({ code: 'EISDIR' });
    await rm(path, { recursive: true });
    execFileSync('mkfifo', [path]);
    await expect(sink.open()).rejects.toMatchObject({ code: 'EINVAL' });
  });
});
