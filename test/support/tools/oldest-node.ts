import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '.cache');

/** The oldest Node that packages claim to run on, as in `engines`. */
export const OLDEST_NODE = '24.7.0';

const name = `node-${process.platform}-${process.arch}@${OLDEST_NODE}`;

/** Where that Node is once it is installed. */
export const oldestNode = join(CACHE, name, 'bin', 'node');

/** Unpacks that Node from npm into a cache, unless it is there; npm checks what it fetches. */
export async function installOldestNode(): Promise<void> {
  if (existsSync(oldestNode)) return;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'download-'));
  try {
    await run('npm', ['pack', '--silent', name], { cwd: work });
    await run('tar', ['-xzf', `${name.replace('@', '-')}.tgz`, 'package/bin'], { cwd: work });
    await rename(join(work, 'package'), join(CACHE, name));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
