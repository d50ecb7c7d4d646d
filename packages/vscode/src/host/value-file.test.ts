import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readValueFile } from './value-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'value-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('readValueFile', () => {
  it('reads a file of up to 1 MiB', async () => {
    const content = new Uint8Array(1024 * 1024).fill(7);
    await writeFile(join(folder, 'value'), content);
    expect(await readValueFile(join(folder, 'value'))).toEqual(content);
  });
  it('refuses a file that fits into no Secret', async () => {
    await writeFile(join(folder, 'large'), new Uint8Array(1024 * 1024 + 1));
    await expect(readValueFile(join(folder, 'large'))).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
  it('refuses a device and a folder', async () => {
    for (const path of ['/dev/null', folder])
      await expect(readValueFile(path)).rejects.toThrow(`${path} is not a file of at most 1 MiB`);
  });
});
