import fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { atomicWrite } from './atomic-write.ts';

it('nothing is written through a link that an attacker created under the name of the temporary file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'atomic-write-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  vi.spyOn(Math, 'random').mockReturnValue(0.5); // as if it had been guessed
  onTestFinished(() => void vi.restoreAllMocks());
  const victim = join(directory, 'victim');
  await writeFile(victim, 'untouched');
  await symlink(victim, join(directory, `.out${(0.5).toString(36).slice(2)}`));
  await expect(atomicWrite(directory, 'out', 's3cret')).rejects.toMatchObject({ message: /file exists/ });
  expect(await readFile(victim, 'utf8')).toBe('untouched');
  expect(await readdir(directory)).not.toContain('out');
});

/** Counts how often files and directories are synced during some work. */
async function countSyncs(work: (written: typeof import('./atomic-write.ts'), cwd: string) => Promise<void>) {
  const directory = await mkdtemp(join(tmpdir(), 'atomic-write-'));
  const sync = vi.spyOn(fs, 'fsync');
  onTestFinished(async () => {
    sync.mockRestore();
    syncBuiltinESMExports();
    await rm(directory, { recursive: true });
  });
  syncBuiltinESMExports();
  vi.resetModules();
  await work(await import('./atomic-write.ts'), directory);
  return sync.mock.calls.length;
}

it('a file and its directory are synced before atomicWrite ends', async () => {
  const count = await countSyncs(({ atomicWrite }, cwd) => atomicWrite(cwd, 'a', 'x'));
  expect(count).toBe(2);
});

it('of many files each is synced, and their directory once for all of them', async () => {
  const count = await countSyncs(async ({ atomicWrite, Renames }, cwd) => {
    const renames = new Renames();
    for (const name of ['a', 'b', 'c', 'a']) await atomicWrite(cwd, name, name, renames);
    await renames.sync();
    await renames.sync();
    expect(await readFile(join(cwd, 'c'), 'utf8')).toBe('c');
  });
  expect(count).toBe(5);
});
