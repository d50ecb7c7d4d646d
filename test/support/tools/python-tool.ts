import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs a program from PyPI into an environment of its own, unless it is there. Needs Python with venv.
 *
 * @param program where it is then: `<environment>/bin/<name>`
 * @param packages for pip: all that are needed, each with its version
 */
export async function installPython(program: string, packages: readonly string[]): Promise<void> {
  if (existsSync(program)) return;
  const environment = join(program, '../..');
  const remove = () => rm(environment, { recursive: true, force: true });
  await remove();
  try {
    await run('python3', ['-m', 'venv', environment]);
    await run(join(environment, 'bin', 'pip'), ['install', '--quiet', '--no-deps', ...packages]);
  } catch (error) {
    await remove(); // else half an environment would count as a whole one
    throw error;
  }
}
