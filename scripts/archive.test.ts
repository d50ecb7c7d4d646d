import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { zipDirectory } from './archive.ts';

describe('zipDirectory', () => {
  it('gives the same bytes for the same content, wherever and whenever it was written', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fuin-zip-'));
    for (const name of ['first', 'second']) {
      await mkdir(join(directory, name, 'man'), { recursive: true });
      await writeFile(join(directory, name, name === 'first' ? 'LICENSE' : 'man/a.1'), 'text');
      await writeFile(join(directory, name, name === 'first' ? 'man/a.1' : 'LICENSE'), 'text');
      await zipDirectory(join(directory, name), join(directory, `${name}.zip`));
    }
    const [first, second] = await Promise.all(
      ['first.zip', 'second.zip'].map((name) => readFile(join(directory, name))),
    );
    expect(first?.equals(second ?? Buffer.of())).toBe(true);
    const { stdout } = await promisify(execFile)('zip', ['-sf', join(directory, 'first.zip')]);
    expect(stdout.match(/^ {2}\S+$/gm)).toEqual(['  LICENSE', '  man/a.1']);
    await rm(directory, { recursive: true });
  });
});
