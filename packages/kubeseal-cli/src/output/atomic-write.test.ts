import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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
