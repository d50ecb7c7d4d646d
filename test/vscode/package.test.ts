import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256OfFile } from '../../scripts/archive.ts';
import { OWNER } from '../../scripts/owner.ts';
import { packExtension } from '../../scripts/vscode/pack.ts';

const run = promisify(execFile);
/** Of the packed file: what an editor downloads. */
const MAX_BYTES = 400 * 1024;

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vsix-'));
  const [name = ''] = await packExtension(join(directory, 'one'), '1.2.3');
  file = join(directory, 'one', name);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function unpacked(): Promise<string> {
  const folder = join(directory, 'unpacked');
  await run('python3', ['-m', 'zipfile', '-e', file, folder]);
  return folder;
}

describe('the packed extension', () => {
  it('has the same bytes each time', async () => {
    const [name = ''] = await packExtension(join(directory, 'two'), '1.2.3');
    expect(await sha256OfFile(join(directory, 'two', name))).toBe(await sha256OfFile(file));
  });
  it('is small, and holds built files alone', async () => {
    expect((await stat(file)).size).toBeLessThan(MAX_BYTES);
    const { stdout } = await run('python3', ['-m', 'zipfile', '-l', file]);
    const names = stdout.split('\n').flatMap((line) => /^(\S+) +\d{4}-/.exec(line)?.[1] ?? []);
    const fixed = names.filter((name) => !/^extension\/dist\/[\w-]+\.cjs$/.test(name));
    expect(fixed.sort()).toEqual([
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/LICENSE.txt',
      'extension/dist/THIRD-PARTY-LICENSES.txt',
      'extension/package.json',
      'extension/readme.md',
    ]);
  });
  it('says who publishes it, and needs no package and no program', async () => {
    const folder = await unpacked();
    const manifest = JSON.parse(await readFile(join(folder, 'extension/package.json'), 'utf8'));
    expect(OWNER.npmScope).toBe('@fuin'); // the publisher follows from it
    expect(manifest).toMatchObject({ name: 'kubeseal-vscode', version: '1.2.3', publisher: 'fuin' });
    expect(Object.keys(manifest)).not.toContain('dependencies');
    const code = await readFile(join(folder, 'extension', manifest.main), 'utf8');
    const needed = [...code.matchAll(/require\(["'`]([^"'`]+)["'`]\)/g)].map(([, name = '']) => name);
    const foreign = needed.filter((name) => !/^(node:|\.\/|vscode$)/.test(name));
    expect(foreign).toEqual([]);
    expect(code).not.toContain(join(import.meta.dirname, '../..'));
  });
  it('names the licences of what it holds', async () => {
    const licenses = await readFile(
      join(await unpacked(), 'extension/dist/THIRD-PARTY-LICENSES.txt'),
      'utf8',
    );
    for (const name of ['yaml', 'ignore']) expect(licenses).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });
});
