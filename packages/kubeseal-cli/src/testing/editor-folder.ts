import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EditorWorld } from '../editor/index.ts';
import { NOW, REPOSITORY } from './three-clusters.ts';

/** A folder that an editor has open, and what it was warned of. */
export interface EditorFolder {
  readonly world: EditorWorld;
  readonly warnings: readonly string[];
}

/** Opens a folder with the settings and certificates of three clusters, and these files, for one test. */
export async function inFolder(
  files: Readonly<Record<string, string>>,
  test: (folder: EditorFolder) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'editor-'));
  const warnings: string[] = [];
  try {
    for (const [name, text] of Object.entries({ ...REPOSITORY, ...files })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const world = { folder, now: () => NOW, warn: (message: string) => void warnings.push(message) };
    await test({ world, warnings });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
